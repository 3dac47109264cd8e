"""Files become the bots app's: the rows move with their ids, their bytes in pieces."""

import django.db.models.deletion
from django.db import migrations, models

# Keys are checked at once, because a table with a check still to come cannot be altered.
MOVE = """
    SET CONSTRAINTS ALL IMMEDIATE;
    INSERT INTO bots_media (id, account_id, kind, file_name, mime_type, size, sha256, created_at)
    SELECT id, account_id, kind, file_name,
           CASE substring(file_name from '[^.]*$')
               WHEN 'jpg' THEN 'image/jpeg' WHEN 'png' THEN 'image/png' WHEN 'gif' THEN 'image/gif'
               WHEN 'mp4' THEN 'video/mp4' WHEN 'mov' THEN 'video/quicktime' WHEN 'avi' THEN 'video/x-msvideo'
               ELSE 'application/octet-stream' END,
           size, encode(sha256(content), 'hex'), created_at
    FROM giveaways_media;
    INSERT INTO bots_mediapart (media_id, number, content)
    SELECT id, part, substring(content from part * 1048576 + 1 for 1048576)
    FROM giveaways_media, generate_series(0, (octet_length(content) - 1) / 1048576) AS part;
    SELECT setval(pg_get_serial_sequence('bots_media', 'id'), max(id)) FROM bots_media HAVING max(id) IS NOT NULL;
    SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('bots', '0006_media_of_bots'),
        ('giveaways', '0003_post_removed'),
    ]

    operations = [
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='giveaway',
            name='media',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bots.media'),
        ),
        migrations.DeleteModel(
            name='Media',
        ),
    ]
