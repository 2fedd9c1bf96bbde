"""Sending what webhooks were told: signed, until it is taken, whoever dies or dawdles."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from annotations.models import Delivery, DeliveryTry, Webhook
from annotations.receivers.calling import Limits, Outcome, call
from annotations.services.deliveries import (
    BACK_OFF,
    HELD,
    KEPT_FOR,
    Claimed,
    claim_delivery,
    record_try,
    send_due,
    sweep_deliveries,
)
from annotations.services.webhooks import (
    change_webhook,
    delete_webhook,
    pause_webhook,
    redeliver,
    resume_webhook,
    rotate_secret,
    tell,
)
from tests.annotations.hooked import due, hooked, just_after, pinged, rested, sent
from tests.annotations.receiver import HOST, Receiver, receiving, says, silent
from tests.annotations.study import at_once
from tests.builders import NOON, build_campaign

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NO_ANSWER = Outcome(status=None, error="It gave no answer within 15 seconds.", seconds=15)
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def opened(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = [HOST]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that takes everything."""
    with receiving() as running:
        yield running


def one_ping(receiver: Receiver) -> tuple[Webhook, Delivery]:
    webhook = hooked(url=receiver.url)
    return webhook, pinged(webhook)[0]


def refreshed(row: Any) -> Any:
    row.refresh_from_db()
    return row


def claimed(now: datetime = NOON) -> Claimed:
    found = claim_delivery(now=now)
    assert found is not None
    return found


def verified(receiver: Receiver, secret: str, place: int = -1) -> Any:
    """What came, as the library of Standard Webhooks takes it. Raises WebhookVerificationError."""
    got = receiver.got[place]
    return Verifier(secret).verify(got.body, got.headers)


class TestTaken:
    def test_it_is_sent_once_and_written_down(self, receiver: Receiver) -> None:
        webhook, delivery = one_ping(receiver)
        receiver.answers = [says(200, b"Thank you")]
        assert [sent(), sent()] == [False, False]
        assert refreshed(delivery).state == "delivered"
        assert (delivery.tries, delivery.next_try_at, delivery.delivered_at) == (1, None, NOON)
        (tried,) = delivery.log.all()
        assert (tried.number, tried.status, tried.error, tried.answer) == (1, 200, "", "Thank you")
        (got,) = receiver.got
        assert got.body == delivery.body.encode()
        assert got.headers["webhook-id"] == str(delivery.event_id)
        assert got.headers["Content-Type"] == "application/json"
        assert got.headers["User-Agent"].startswith("Threadmark/")
        assert (refreshed(webhook).failing_since, webhook.rests_until) == (None, None)

    def test_what_happened_first_is_sent_first(self, receiver: Receiver) -> None:
        webhook = hooked(url=receiver.url)
        made = pinged(webhook, 5)
        assert not sent()
        came = [one.headers["webhook-id"] for one in receiver.got]
        assert came == [str(one.event_id) for one in made]


class TestSignature:
    def now(self) -> datetime:
        """The library looks at the clock."""
        from django.utils import timezone

        return timezone.now()

    def test_the_library_of_the_standard_takes_it(self, receiver: Receiver) -> None:
        webhook, _ = one_ping(receiver)
        sent(self.now())
        assert verified(receiver, webhook.secret)["data"]["webhook"] == webhook.pk

    def test_another_secret_another_body_and_another_time_are_refused(
        self, receiver: Receiver
    ) -> None:
        webhook, _ = one_ping(receiver)
        sent(self.now())
        with pytest.raises(WebhookVerificationError):
            verified(receiver, hooked().secret)
        got = receiver.got[0]
        with pytest.raises(WebhookVerificationError):
            Verifier(webhook.secret).verify(got.body + b" ", got.headers)
        later = str(int(got.headers["webhook-timestamp"]) + 1)
        with pytest.raises(WebhookVerificationError):
            Verifier(webhook.secret).verify(got.body, {**got.headers, "webhook-timestamp": later})

    def test_each_try_is_signed_at_its_own_time_under_the_same_id(self, receiver: Receiver) -> None:
        receiver.answers = [500, 204]
        _webhook, delivery = one_ping(receiver)
        sent()
        sent(just_after(delivery))
        first, second = receiver.got
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
        assert first.body == second.body

    def test_for_a_day_the_old_secret_is_as_good_as_the_new_one(self, receiver: Receiver) -> None:
        webhook, _ = one_ping(receiver)
        old, now = webhook.secret, self.now()
        new = rotate_secret(webhook=webhook, now=now).secret
        sent(now)
        assert verified(receiver, old) == verified(receiver, new)
        pinged(webhook)
        rotated = Webhook.objects.filter(pk=webhook.pk)
        rotated.update(old_secret_until=now - timedelta(seconds=1))
        sent(now)
        assert verified(receiver, new)
        with pytest.raises(WebhookVerificationError):
            verified(receiver, old)


class TestRetries:
    def test_refused_and_then_taken(self, receiver: Receiver) -> None:
        receiver.answers = [says(500, b"Not now"), 204]
        webhook, delivery = one_ping(receiver)
        sent()
        assert refreshed(delivery).state == "waiting"
        assert refreshed(webhook).failing_since == NOON
        assert timedelta(seconds=5) <= due(delivery) - NOON <= timedelta(seconds=5.5)
        assert not sent(NOON + timedelta(seconds=4))
        sent(just_after(delivery))
        assert refreshed(delivery).state == "delivered"
        assert [one.status for one in delivery.log.all()] == [500, 204]
        assert refreshed(webhook).failing_since is None

    def test_it_is_given_up_after_ten_tries_in_three_days(self, receiver: Receiver) -> None:
        receiver.answers = [404]
        webhook, delivery = one_ping(receiver)
        now, pauses = NOON, []
        while refreshed(delivery).state == "waiting":
            before, now = now, max(now, due(delivery))
            pauses.append(now - before)
            sent(now)
        assert delivery.tries == len(receiver.got) == len(BACK_OFF) + 1 == 10
        for pause, least in zip(pauses[1:], BACK_OFF, strict=True):
            assert least <= pause <= least * 1.1
        assert (delivery.state, delivery.next_try_at) == ("failed", None)
        assert (refreshed(webhook).pause_reason, webhook.paused_at) == ("failing", now)

    def test_one_that_others_are_taken_beside_does_not_pause(self, receiver: Receiver) -> None:
        webhook, _delivery = one_ping(receiver)
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=NOON - 4 * DAY)
        sent()
        receiver.answers = [404]
        pinged(webhook)
        sent()
        assert refreshed(webhook).paused_at is None
        assert webhook.failing_since == NOON

    def test_who_is_gone_is_not_asked_again(self, receiver: Receiver) -> None:
        receiver.answers = [410]
        webhook, first = one_ping(receiver)
        (second,) = pinged(webhook)
        assert not sent()
        assert (refreshed(webhook).pause_reason, len(receiver.got)) == ("gone", 1)
        receiver.answers = [204]
        resume_webhook(webhook=webhook, now=NOON + DAY)
        sent(NOON + DAY)
        assert {refreshed(one).state for one in (first, second)} == {"delivered"}

    def test_a_paused_webhook_gets_nothing_until_it_goes_on(self, receiver: Receiver) -> None:
        webhook, delivery = one_ping(receiver)
        pause_webhook(webhook=webhook, now=NOON)
        assert not sent(NOON + DAY)
        assert receiver.got == []
        resume_webhook(webhook=webhook, now=NOON + DAY)
        sent(NOON + DAY)
        assert refreshed(delivery).state == "delivered"

    def test_redelivered_it_has_all_its_tries_and_the_same_id(self, receiver: Receiver) -> None:
        _webhook, delivery = one_ping(receiver)
        spent = {"state": "failed", "next_try_at": None, "tries": 10}
        Delivery.objects.filter(pk=delivery.pk).update(**spent)
        receiver.answers = [500, 204]
        redeliver(delivery=refreshed(delivery), now=NOON)
        sent()
        assert refreshed(delivery).state == "waiting"
        assert due(delivery) - NOON <= timedelta(seconds=5.5)
        sent(just_after(delivery))
        assert refreshed(delivery).state == "delivered"
        assert [one.number for one in delivery.log.all()] == [11, 12]
        assert len({one.headers["webhook-id"] for one in receiver.got}) == 1

    def test_what_was_taken_can_be_sent_again(self, receiver: Receiver) -> None:
        _, delivery = one_ping(receiver)
        sent()
        redeliver(delivery=refreshed(delivery), now=NOON)
        sent()
        assert (refreshed(delivery).state, len(receiver.got)) == ("delivered", 2)

    def test_what_waits_goes_to_the_new_address(self, receiver: Receiver) -> None:
        webhook = hooked(url="http://127.0.0.1:1/")
        (delivery,) = pinged(webhook)
        sent()
        assert "took no connection" in delivery.log.get().error
        change_webhook(webhook=webhook, url=receiver.url)
        sent(just_after(delivery))
        assert refreshed(delivery).state == "delivered"

    def test_a_host_that_is_not_open_any_more_is_not_called(
        self, receiver: Receiver, settings: Any
    ) -> None:
        _, delivery = one_ping(receiver)
        settings.WEBHOOK_ALLOWED_HOSTS = []
        sent()
        assert receiver.got == []
        assert "not a public address" in delivery.log.get().error
        assert refreshed(delivery).state == "waiting"


class TestFairness:
    def test_who_is_silent_rests_the_longer_the_longer_that_lasts(self) -> None:
        webhook = hooked()
        pinged(webhook, 30)
        now, rests = NOON, []
        for _ in range(20):
            record_try(claimed(now), NO_ANSWER, now=now)
            rest = rested(webhook) - now
            assert claim_delivery(now=now) is None
            rests.append(rest)
            now += rest + timedelta(seconds=15)
        assert rests[0] == timedelta(seconds=5)
        assert rests == sorted(rests)
        record_try(claimed(now), Outcome(status=204), now=now)
        assert refreshed(webhook).rests_until is None

    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_who_is_busy_rests(self, receiver: Receiver, status: int) -> None:
        receiver.answers = [status]
        webhook, _ = one_ping(receiver)
        pinged(webhook, 9)
        sent()
        assert len(receiver.got) == 1
        assert refreshed(webhook).rests_until == NOON + timedelta(seconds=5)

    def test_who_refuses_one_event_gets_the_others(self, receiver: Receiver) -> None:
        receiver.answers = [500, 204]
        webhook, first = one_ping(receiver)
        others = pinged(webhook, 3)
        sent()
        assert refreshed(first).state == "waiting"
        assert {refreshed(one).state for one in others} == {"delivered"}

    def test_who_is_slow_holds_up_nobody(self, receiver: Receiver) -> None:
        """The others are served while the slow one is waited for, whoever comes first."""
        short = partial(call, limits=Limits(connect=1, total=2))
        with receiving(silent) as slow, patch("annotations.services.deliveries.call", short):
            slow_webhook = hooked(url=slow.url)
            (waits,) = pinged(slow_webhook)
            quick = pinged(hooked(url=receiver.url), 20)
            sent()
        assert len(receiver.got) == 20
        assert {refreshed(one).state for one in quick} == {"delivered"}
        (tried,) = waits.log.all()
        assert tried.status is None
        assert max(DeliveryTry.objects.exclude(pk=tried.pk).values_list("pk", flat=True)) < tried.pk

    def test_a_run_comes_to_an_end_and_says_that_more_is_due(self, receiver: Receiver) -> None:
        webhook, _ = one_ping(receiver)
        pinged(webhook, 9)
        ticks = iter(range(1000))

        def clock() -> datetime:
            return NOON + timedelta(seconds=3 * next(ticks))

        assert send_due(clock=clock)
        assert 0 < len(receiver.got) < 10
        while send_due(clock=clock):
            pass
        assert len(receiver.got) == 10

    def test_claiming_costs_the_same_however_much_waits(self, receiver: Receiver) -> None:
        counts = []
        for count in (1, 50):
            webhook = hooked(url=receiver.url)
            pinged(webhook, count)
            with CaptureQueriesContext(connection) as queries:
                assert claimed().webhook == webhook.pk
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestWorkers:
    def test_a_delivery_is_counted_and_moved_ahead_before_it_is_sent(self) -> None:
        webhook = hooked()
        (delivery,) = pinged(webhook)
        assert claimed().number == 1
        assert (refreshed(delivery).tries, delivery.next_try_at) == (1, NOON + HELD)
        assert claim_delivery(now=NOON) is None

    def test_a_webhook_has_one_delivery_on_its_way(self) -> None:
        pinged(hooked(), 5)
        claimed()
        assert claim_delivery(now=NOON) is None

    def test_who_was_taken_for_dead_changes_nothing_but_the_log(self) -> None:
        webhook = hooked()
        (delivery,) = pinged(webhook)
        dead, now = claimed(), NOON + HELD
        living = claimed(now)
        assert (living.number, living.event_id) == (2, dead.event_id)
        held = refreshed(delivery).next_try_at
        record_try(dead, NO_ANSWER, now=now)
        assert refreshed(delivery).next_try_at == held
        assert refreshed(webhook).rests_until == held
        record_try(living, Outcome(status=204), now=now)
        assert refreshed(delivery).state == "delivered"
        assert [one.number for one in delivery.log.all()] == [1, 2]

    def test_what_is_deleted_on_its_way_stays_away(self) -> None:
        webhook = hooked()
        pinged(webhook)
        on_its_way = claimed()
        delete_webhook(webhook=webhook)
        record_try(on_its_way, Outcome(status=204), now=NOON)
        assert not Delivery.objects.exists()
        assert not DeliveryTry.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_send_everything_once(self) -> None:
        with receiving() as one, receiving() as other:
            for receiver in (one, other):
                pinged(hooked(url=receiver.url), 10)
            acts: list[Callable[[], bool]] = [partial(sent, NOON) for _ in range(4)]
            assert not [found for found in at_once(acts) if isinstance(found, Exception)]
            while sent():
                pass
            for receiver in (one, other):
                came = [got.headers["webhook-id"] for got in receiver.got]
                assert (len(came), len(set(came))) == (10, 10)
        assert set(Delivery.objects.values_list("state", "tries")) == {("delivered", 1)}

    @pytest.mark.slow
    @pytest.mark.django_db(transaction=True)
    def test_a_worker_that_is_killed_on_the_way_leads_to_one_more_try(self) -> None:
        with receiving(silent, 204) as receiver:
            _webhook, delivery = one_ping(receiver)
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.annotations.dying_sender", "0"],
                cwd=ROOT,
                env={**os.environ, "WEBHOOK_ALLOWED_HOSTS": HOST},
            )
            while not receiver.got:
                assert worker.poll() is None
                time.sleep(0.05)
            worker.kill()
            worker.wait()
            assert (refreshed(delivery).state, delivery.tries) == ("waiting", 1)
            assert not delivery.log.exists()
            sent(NOON)
            assert len(receiver.got) == 1
            sent(NOON + HELD)
            assert (refreshed(delivery).state, delivery.tries) == ("delivered", 2)
            first, second = receiver.got
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body


class TestSweep:
    def test_what_is_old_is_forgotten_with_its_tries(self, receiver: Receiver) -> None:
        _webhook, _ = one_ping(receiver)
        sent()
        assert sweep_deliveries(now=NOON + KEPT_FOR) == 0
        assert sweep_deliveries(now=NOON + KEPT_FOR + DAY) == 1
        assert not Delivery.objects.exists()
        assert not DeliveryTry.objects.exists()

    def test_that_a_campaign_is_finished_is_not_told_again_after_that(self) -> None:
        campaign = build_campaign()
        webhook = hooked(campaign)
        finished: dict[str, Any] = {
            "event": "campaign.finished",
            "subject": "finished:1",
            "data": {},
        }
        tell(campaign=campaign, **finished, now=NOON)
        assert sweep_deliveries(now=NOON + 2 * KEPT_FOR) == 0
        tell(campaign=campaign, **finished, now=NOON)
        assert webhook.deliveries.count() == 1

    def test_a_sweep_costs_the_same_however_much_there_is(self) -> None:
        counts = []
        for count in (1, 50):
            pinged(hooked(), count)
            with CaptureQueriesContext(connection) as queries:
                sweep_deliveries(now=NOON)
            counts.append(len(queries))
        assert counts[0] == counts[1]


def test_no_host_inside_is_open_unless_somebody_opens_it() -> None:
    from project import environment

    assert environment.names("WEBHOOK_ALLOWED_HOSTS") == []
    assert "WEBHOOK_ALLOWED_HOSTS" in dir(django_settings)
