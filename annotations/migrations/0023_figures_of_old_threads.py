"""Threads that were imported before 0003 get the figures that imports write since then.

Until their corpus was imported once more they stood in every list as empty, and no recipe with a
size or a date found them. Which thread has no figures is told by what no thread with comments has.
"""

from __future__ import annotations

from django.db import migrations

FILL = """
UPDATE thread SET
    comment_count = summed.comments,
    max_depth = summed.deepest,
    started_at = summed.first_at,
    ended_at = summed.last_at
FROM (
    SELECT thread_id AS summed_id,
        SUM(CASE WHEN kind = 'comment' THEN 1 ELSE 0 END) AS comments,
        MAX(depth) AS deepest,
        MIN(posted_at) AS first_at,
        MAX(posted_at) AS last_at
    FROM comment
    WHERE thread_id IN (
        SELECT id FROM thread WHERE comment_count = 0 AND max_depth = 0 AND started_at IS NULL
    )
    GROUP BY thread_id
) AS summed
WHERE id = summed.summed_id
"""


class Migration(migrations.Migration):
    dependencies = [("annotations", "0022_day_by_index")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
