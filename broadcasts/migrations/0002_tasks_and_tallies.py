"""A public name for every broadcast, and counts that a trigger keeps."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

# Inside a statement the rows are taken in one order, so that two writers never wait for each other.
FUNCTION = """
CREATE FUNCTION broadcasts_keep_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        UPDATE broadcasts_tally AS tally SET number = tally.number - gone.number, at = now()
        FROM (SELECT broadcast_id, outcome, kind, count(*) AS number FROM old_rows GROUP BY 1, 2, 3) AS gone
        WHERE tally.broadcast_id = gone.broadcast_id AND tally.outcome = gone.outcome AND tally.kind = gone.kind;
    END IF;
    IF TG_OP IN ('UPDATE', 'INSERT') THEN
        INSERT INTO broadcasts_tally AS tally (broadcast_id, outcome, kind, number, at)
        SELECT broadcast_id, outcome, kind, count(*), now() FROM new_rows GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (broadcast_id, outcome, kind)
          DO UPDATE SET number = tally.number + EXCLUDED.number, at = EXCLUDED.at;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER broadcasts_tally_insert AFTER INSERT ON broadcasts_delivery
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION broadcasts_keep_tally();
CREATE TRIGGER broadcasts_tally_update AFTER UPDATE ON broadcasts_delivery
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION broadcasts_keep_tally();
CREATE TRIGGER broadcasts_tally_delete AFTER DELETE ON broadcasts_delivery
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION broadcasts_keep_tally();
INSERT INTO broadcasts_tally (broadcast_id, outcome, kind, number, at)
    SELECT broadcast_id, outcome, kind, count(*), max(at) FROM broadcasts_delivery GROUP BY 1, 2, 3;
"""
BACK = """
DROP TRIGGER broadcasts_tally_insert ON broadcasts_delivery;
DROP TRIGGER broadcasts_tally_update ON broadcasts_delivery;
DROP TRIGGER broadcasts_tally_delete ON broadcasts_delivery;
DROP FUNCTION broadcasts_keep_tally();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('broadcasts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='broadcast',
            name='public_id',
            field=models.UUIDField(default=None, editable=False, null=True),
        ),
        migrations.RunSQL("UPDATE broadcasts_broadcast SET public_id = gen_random_uuid()", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='broadcast',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, help_text='The task_id people know it by', unique=True),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='name',
            field=models.CharField(blank=True, default='', help_text='For people; nobody receives it', max_length=100),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='audience',
            field=models.JSONField(blank=True, default=dict, help_text='Who was asked for, see broadcasts/services/audience.py'),
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('sent', 'Sent'), ('failed', 'Failed'), ('skipped', 'Skipped'), ('uncertain', 'uncertain: nobody knows whether it arrived')], max_length=16)),
                ('kind', models.CharField(blank=True, max_length=32)),
                ('number', models.PositiveIntegerField()),
                ('at', models.DateTimeField(help_text='When it changed last')),
                ('broadcast', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='broadcasts.broadcast')),
            ],
            options={
                'verbose_name_plural': 'tallies',
                'constraints': [models.UniqueConstraint(fields=('broadcast', 'outcome', 'kind'), name='tally_once_per_kind')],
            },
        ),
        migrations.RunSQL(FUNCTION, BACK),
    ]
