"""Tests of a message, and changes of what was sent, are broadcasts too."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('broadcasts', '0003_delivery_engine'),
    ]

    operations = [
        migrations.AddField(
            model_name='broadcast',
            name='kind',
            field=models.CharField(choices=[('send', 'Send'), ('test', 'test: to one chat, before the real one'), ('edit', 'edit: of what another one sent'), ('delete', 'delete: what another one sent')], default='send', max_length=8),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='target',
            field=models.ForeignKey(blank=True, help_text='Whose messages are edited or deleted', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='broadcasts.broadcast'),
        ),
        migrations.AddConstraint(
            model_name='broadcast',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['send', 'test']), ('target__isnull', True)), models.Q(('kind__in', ['edit', 'delete']), ('target__isnull', False)), _connector='OR'), name='broadcast_changes_a_target'),
        ),
    ]
