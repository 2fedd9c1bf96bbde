"""What a campaign asks of its annotators before and while they work in it."""

from __future__ import annotations

from annotations.api.fields import FiniteNumber, RequestSerializer, WholeNumber
from annotations.services.stage_settings import RAREST, WIDEST


class StageSettingsSerializer(RequestSerializer):
    """Test, checks and repeats; what is left out stays as it is."""

    test_score = FiniteNumber(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text="From which score in the test it opens; null: from any.",
    )
    check_every = WholeNumber(
        required=False,
        allow_null=True,
        min_value=2,
        max_value=RAREST,
        help_text="About one unit in so many is a check; null: none.",
    )
    check_score = FiniteNumber(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text="Below it in the checks an annotator is paused; null: never.",
    )
    check_window = WholeNumber(
        required=False, min_value=5, max_value=WIDEST, help_text="So many of the last checks count."
    )
    repeat_every = WholeNumber(
        required=False,
        allow_null=True,
        min_value=2,
        max_value=RAREST,
        help_text="About one unit in so many is given once more; null: none.",
    )
