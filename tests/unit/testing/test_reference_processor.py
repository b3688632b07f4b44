"""The processor keeps its promises, in this process and in another one, and its file tells the truth."""

from __future__ import annotations

import http.client
import json
import runpy
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from billing_core.errors import InvalidInput, NotFound
from billing_core.testing import (
    LedgerClock,
    ManualClock,
    Processor,
    ProcessorSettings,
    ReferenceProcessor,
    ledger_entries,
    read_ledger,
)
from billing_core.testing.reference_processor.__main__ import main, processor_from
from billing_core.testing.reference_processor.books import Books
from billing_core.values.money import Money

START = "2025-01-31T09:00+00:00"
CHARGE = {"amount": 5997, "currency": "EUR", "card": "tok_ok", "reference": "ref_1"}


class Desk:
    """A processor without a network, and a caller who knows its key."""

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock(START)
        self.settings = attrs.evolve(ProcessorSettings(), **settings)
        self.processor = Processor(":memory:", self.settings, self.clock.now)

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
        """The status and the body of an answer."""
        headers = {"authorization": f"Bearer {self.settings.api_key}"}
        if key is not None:
            headers["idempotency-key"] = key
        sent = b"" if body is None else json.dumps(body).encode()
        answer = self.processor.answer(method, f"/v1/{path}", headers, sent)
        return answer.status, answer.body

    def charge(self, key: str = "key_1", **changes: Any) -> tuple[int, Any]:
        """A charge that differs from the usual one in this."""
        return self.ask("POST", "charges", {**CHARGE, **changes}, key)

    def session(self, key: str = "setup_1", **body: Any) -> str:
        """The id of a new card page."""
        status, session = self.ask("POST", "sessions", {"return_url": "https://host.example/", **body}, key)
        assert 200 == status
        return str(session["id"])


@pytest.fixture
def make_desk() -> Iterator[Callable[..., Desk]]:
    """Processors at nine o'clock, with these settings."""
    made: list[Desk] = []

    def make(**settings: Any) -> Desk:
        made.append(Desk(**settings))
        return made[-1]

    yield make
    for desk in made:
        desk.processor.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A processor as it usually is."""
    return make_desk()


# -- charges ------------------------------------------------------------------------------


def test_a_used_key_is_answered_from_memory(desk: Desk) -> None:
    """One movement of money for one key; another request under it is refused."""
    first = desk.charge()
    assert (200, "succeeded", 5997) == (first[0], first[1]["status"], first[1]["amount_captured"])
    assert first == desk.charge()
    assert (409, "idempotency_mismatch") == _error(desk.charge(amount=6000))
    assert 1 == len(desk.processor.ledger())


def test_a_key_is_forgotten_after_its_retention(desk: Desk) -> None:
    """A repeat that comes too late is a new charge: that is what real processors do."""
    desk.charge()
    desk.clock.advance(hours=23, minutes=59)
    desk.charge()
    assert 1 == len(desk.processor.ledger())
    desk.clock.advance(minutes=1)
    desk.charge()
    assert 2 == len(desk.processor.ledger())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 59.97}, "invalid_amount"),
        ({"amount": True}, "invalid_amount"),
        ({"amount": 0}, "invalid_amount"),
        ({"amount": 49}, "amount_too_small"),
        ({"currency": "CHF"}, "currency_not_supported"),
        ({"card": 7}, "invalid_request"),
        ({"surprise": 1}, "invalid_request"),
    ],
)
def test_a_malformed_charge_moves_no_money(desk: Desk, changes: dict[str, Any], code: str) -> None:
    """Refused, and not remembered: the same key is free for the right request."""
    assert (400, code) == _error(desk.charge(**changes))
    assert 200 == desk.charge()[0]


def test_a_charge_needs_a_key(desk: Desk) -> None:
    """Without a key, nothing could tell a repeat from a second charge."""
    assert (400, "idempotency_key_required") == _error(desk.ask("POST", "charges", CHARGE))


@pytest.mark.parametrize(
    ("behavior", "status", "became", "captured"),
    [
        ("ok", 200, "succeeded", 5997),
        ("partial", 200, "succeeded", 2998),
        ("pending", 200, "pending", 0),
        ("authentication_required", 200, "requires_action", 0),
        ("lost", 402, "declined", 0),
        ("no_such_card", 402, "declined", 0),
    ],
)
def test_cards_behave(desk: Desk, behavior: str, status: int, became: str, captured: int) -> None:
    """A test card says by its name what its issuer will do."""
    answered, charge = desk.charge(card=f"tok_{behavior}")
    assert (status, became, captured) == (answered, charge["status"], charge["amount_captured"])
    assert captured == sum(entry.amount.amount_minor for entry in desk.processor.ledger())


def test_a_search_sees_no_charge_before_the_lag(make_desk: Callable[..., Desk]) -> None:
    """A charge is invisible to searches for the lag, and never to a read by its id."""
    desk = make_desk(look_up_lag=timedelta(minutes=1))
    _, charge = desk.charge()
    assert [] == desk.ask("GET", "charges?idempotency_key=key_1")[1]["data"]
    assert (200, charge) == desk.ask("GET", f"charges/{charge['id']}")
    desk.clock.advance(minutes=1)
    assert [charge] == desk.ask("GET", "charges?idempotency_key=key_1")[1]["data"]
    assert [charge] == desk.ask("GET", "charges?reference=ref_1")[1]["data"]
    assert [] == desk.ask("GET", "charges?reference=ref_2")[1]["data"]


def test_a_pending_charge_settles_once(desk: Desk) -> None:
    """It ends as its bank decides, and stays so."""
    _, charge = desk.charge(card="tok_pending")
    desk.processor.settle(charge["id"])
    desk.processor.settle(charge["id"], "lost")
    assert "succeeded" == desk.ask("GET", f"charges/{charge['id']}")[1]["status"]
    _, second = desk.charge("key_2", card="tok_pending")
    desk.processor.settle(second["id"], "insufficient_funds")
    _, settled = desk.ask("GET", f"charges/{second['id']}")
    assert ("declined", "insufficient_funds") == (settled["status"], settled["decline"]["code"])


def test_a_cardholder_confirms_or_refuses_or_is_late(desk: Desk) -> None:
    """A charge that waits for its cardholder ends in one of three ways."""
    ids = [desk.charge(f"key_{n}", card="tok_authentication_required")[1]["id"] for n in range(3)]
    desk.processor.cardholder_confirms(ids[0])
    desk.processor.cardholder_refuses(ids[1])
    desk.clock.advance(days=1)
    desk.processor.cardholder_confirms(ids[2])
    states = [desk.ask("GET", f"charges/{id}")[1]["status"] for id in ids]
    assert ["succeeded", "declined", "canceled"] == states


def test_a_prepared_charge_is_confirmed_at_most_once(desk: Desk) -> None:
    """Prepare moves no money; a second confirmation says what the first one did."""
    _, prepared = desk.charge(confirm=False)
    assert ("requires_confirmation", ()) == (prepared["status"], desk.processor.ledger())
    first = desk.ask("POST", f"charges/{prepared['id']}/confirm")
    assert (200, "succeeded") == (first[0], first[1]["status"])
    assert first == desk.ask("POST", f"charges/{prepared['id']}/confirm")
    assert 1 == len(desk.processor.ledger())
    assert 404 == desk.ask("POST", "charges/ch_9/confirm")[0]


def test_a_canceled_charge_can_never_be_captured(desk: Desk) -> None:
    """Cancel is final, by id or by key; what is captured stays captured."""
    _, prepared = desk.charge(confirm=False)
    assert "canceled" == desk.ask("POST", f"charges/{prepared['id']}/cancel")[1]["status"]
    assert "canceled" == desk.ask("POST", f"charges/{prepared['id']}/confirm")[1]["status"]
    desk.charge("key_2")
    assert "succeeded" == desk.ask("POST", "cancellations", {"idempotency_key": "key_2"})[1]["status"]
    assert 404 == desk.ask("POST", "cancellations", {"idempotency_key": "key_3"})[0]
    assert 404 == desk.ask("POST", "charges/ch_9/cancel")[0]
    assert 404 == desk.ask("GET", "charges/ch_9")[0]
    assert 404 == desk.ask("GET", "charges/re_1")[0]


def test_an_equal_charge_within_the_window_is_a_suspected_duplicate(make_desk: Callable[..., Desk]) -> None:
    """The detector knows neither keys nor references, and says how long to wait."""
    desk = make_desk(duplicate_window=timedelta(seconds=30))
    desk.charge()
    desk.clock.advance(seconds=10)
    assert (409, "duplicate_suspected") == _error(desk.charge("key_2", reference="ref_2"))
    _, prepared = desk.charge("key_3", confirm=False)
    assert (409, "duplicate_suspected") == _error(desk.ask("POST", f"charges/{prepared['id']}/confirm"))
    desk.clock.advance(seconds=21)
    assert 200 == desk.charge("key_2", reference="ref_2")[0]


def test_captures_are_listed_in_pages(make_desk: Callable[..., Desk]) -> None:
    """Only money that moved, oldest first, once its lag is over, since an instant."""
    desk = make_desk(page_size=2, look_up_lag=timedelta(minutes=1))
    for n, card in enumerate(("ok", "lost", "ok", "pending", "ok")):
        desk.charge(f"key_{n}", card=f"tok_{card}", reference=f"ref_{n}")
    since = "captures?since=2025-01-31T09:00:00.000000%2B00:00"
    assert [] == desk.ask("GET", since)[1]["data"]
    desk.clock.advance(minutes=1)
    _, first = desk.ask("GET", since)
    _, second = desk.ask("GET", f"{since}&after={first['next']}")
    assert ["ref_0", "ref_2", "ref_4"] == [item["reference"] for item in first["data"] + second["data"]]
    assert (2, None) == (len(first["data"]), second["next"])
    assert first == desk.ask("GET", f"{since}&after=nonsense")[1]
    assert [] == desk.ask("GET", since.replace("09:00", "09:01"))[1]["data"]


def test_a_charge_is_known_by_its_reference(desk: Desk) -> None:
    """For those who stand beside the interface; the latest one counts."""
    desk.charge("key_1", card="tok_lost")
    desk.charge("key_2")
    assert "ch_2" == desk.processor.charge_id("ref_1")
    with pytest.raises(NotFound):
        desk.processor.charge_id("ref_2")


# -- refunds ------------------------------------------------------------------------------


def test_refunds_never_exceed_what_was_captured(desk: Desk) -> None:
    """Partial refunds add up; a repeat is answered from memory; one cent too much is refused."""
    _, charge = desk.charge()
    refund = {"charge": charge["id"], "amount": 3000, "currency": "EUR", "reference": "refund_1"}
    first = desk.ask("POST", "refunds", refund, "refund_key_1")
    assert (200, 3000) == (first[0], first[1]["amount"])
    assert first == desk.ask("POST", "refunds", refund, "refund_key_1")
    assert (402, "over_refund") == _error(desk.ask("POST", "refunds", refund, "refund_key_2"))
    found = desk.ask("GET", "refunds?idempotency_key=refund_key_1")
    assert (200, [first[1]]) == (found[0], found[1]["data"])
    assert ["charge", "refund"] == [entry.kind for entry in desk.processor.ledger()]
    (net,) = ledger_entries(desk.processor.ledger())
    assert (Money.of("29.97", "EUR"), "ref_1", "key_1") == (net.amount, net.reference, net.idempotency_key)


def test_a_charge_can_be_refunded_by_its_reference(desk: Desk) -> None:
    """A caller that never learned the id names the charge as it always did."""
    desk.charge()
    refund = {"charge_reference": "ref_1", "amount": 5997, "currency": "EUR", "reference": "refund_1"}
    assert 200 == desk.ask("POST", "refunds", refund, "refund_key_1")[0]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": 0}, 400, "invalid_request"),
        ({"currency": "USD"}, 400, "currency_mismatch"),
        ({"charge_reference": "ref_2"}, 404, "not_found"),
    ],
)
def test_a_malformed_refund_moves_no_money(
    desk: Desk, changes: dict[str, Any], status: int, code: str
) -> None:
    """Wrong amount, wrong currency, wrong charge."""
    desk.charge()
    refund = {"charge_reference": "ref_1", "amount": 100, "currency": "EUR", "reference": "r", **changes}
    assert (status, code) == _error(desk.ask("POST", "refunds", refund, "refund_key_1"))
    assert 1 == len(desk.processor.ledger())


# -- cards ----------------------------------------------------------------------------------


def test_a_card_belongs_to_the_customer_who_typed_it(desk: Desk) -> None:
    """Nobody else can be charged on it, and nobody at all once it is detached."""
    session = desk.session(customer="cus_7")
    token = desk.processor.enter_card(session)
    assert token is not None
    _, done = desk.ask("GET", f"sessions/{session}")
    assert ("complete", token, "cus_7") == (done["status"], done["card"]["token"], done["customer"])
    assert 200 == desk.charge("key_1", card=token, customer="cus_7")[0]
    assert 402 == desk.charge("key_2", card=token, customer="cus_8")[0]
    assert (200, done["card"]) == desk.ask("GET", f"cards/{token}")
    assert 200 == desk.ask("DELETE", f"cards/{token}")[0]
    assert 404 == desk.ask("DELETE", f"cards/{token}")[0]
    assert 404 == desk.ask("GET", f"cards/{token}")[0]
    assert 402 == desk.charge("key_3", card=token, customer="cus_7")[0]


def test_a_session_ends_once(desk: Desk) -> None:
    """Left, refused or expired: no card comes of it, and a new customer has an id all the same."""
    left, refused, expired = (desk.session(f"setup_{n}") for n in range(3))
    assert "open" == desk.ask("GET", f"sessions/{left}")[1]["status"]
    desk.processor.leave_session(left)
    assert desk.processor.enter_card(refused, "refused") is None
    desk.clock.advance(hours=1)
    assert desk.processor.enter_card(expired) is None
    answers = [desk.ask("GET", f"sessions/{session}")[1] for session in (left, refused, expired)]
    assert ["abandoned", "declined", "expired"] == [answer["status"] for answer in answers]
    assert ["cus_1", "cus_2", "cus_3"] == [answer["customer"] for answer in answers]
    assert desk.processor.enter_card("cs_9") is None
    assert 404 == desk.ask("GET", "sessions/cs_9")[0]
    assert (400, "invalid_request") == _error(desk.ask("POST", "sessions", {}, "setup_9"))


def test_an_unknown_behavior_is_refused(desk: Desk) -> None:
    """A typing error in a test is no card."""
    with pytest.raises(InvalidInput, match="behavior"):
        desk.processor.enter_card(desk.session(), "okay")


# -- callers ----------------------------------------------------------------------------------


def test_callers_show_their_key(desk: Desk) -> None:
    """Without the key there is no answer, and no hint."""
    answer = desk.processor.answer("POST", "/v1/charges", {"authorization": "Bearer sk_other"}, b"{}")
    assert (401, "invalid_api_key") == (answer.status, answer.body["error"]["code"])


@pytest.mark.parametrize("path", ["/v1/nothing", "/v2/charges", "/"])
def test_unknown_paths(desk: Desk, path: str) -> None:
    """A path that names no operation."""
    answer = desk.processor.answer("GET", path, {"authorization": "Bearer sk_test_reference"}, b"")
    assert 404 == answer.status


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff"])
def test_bodies_are_json_objects(desk: Desk, body: bytes) -> None:
    """Anything else is refused."""
    headers = {"authorization": "Bearer sk_test_reference", "idempotency-key": "key_1"}
    answer = desk.processor.answer("POST", "/v1/charges", headers, body)
    assert (400, "invalid_json") == (answer.status, answer.body["error"]["code"])


def test_callers_are_throttled_by_the_processors_clock(make_desk: Callable[..., Desk]) -> None:
    """More than the limit within a second is refused before it is looked at."""
    desk = make_desk(rate_limit_per_second=2)
    assert [200, 200, 429] == [desk.charge(f"key_{n}")[0] for n in range(3)]
    desk.clock.advance(seconds=1)
    assert 200 == desk.charge("key_3")[0]
    assert 3 == len(desk.processor.ledger())


def test_notices_are_signed_when_they_are_sent(desk: Desk) -> None:
    """Each has an id and the reference; its signature names the time."""
    desk.charge()
    desk.charge("key_2", reference="ref_2", card="tok_lost")
    desk.clock.advance(hours=1)
    (first, headers), (second, _) = desk.processor.notices()
    assert {"id": "evt_1", "kind": "charge.succeeded", "references": ["ref_1"]} == json.loads(first)
    assert "charge.declined" == json.loads(second)["kind"]
    sent_at = int(desk.clock.now().timestamp())
    assert headers["Processor-Signature"].startswith(f"t={sent_at},v1=")
    assert ((second, desk.processor.notices()[1][1]),) == desk.processor.notices(after=1)


def test_settings_show_no_secret() -> None:
    """Printing them is safe."""
    assert "test_reference" not in repr(ProcessorSettings())


# -- the file ------------------------------------------------------------------------------------


def test_a_failed_call_leaves_no_trace(tmp_path: Path) -> None:
    """All of a call is in the books, or nothing of it."""
    books = Books(tmp_path / "ledger.sqlite3")

    def write_badly() -> None:
        with books.writing() as db:
            db.execute("INSERT INTO notices VALUES (1, 'kind', 'ref_1', '{}', 'now')")
            db.execute("INSERT INTO notices VALUES (1, 'kind', 'ref_1', '{}', 'now')")

    with pytest.raises(sqlite3.IntegrityError):
        write_badly()
    with books.writing() as db:
        assert [] == db.execute("SELECT * FROM notices").fetchall()
    books.close()


def test_the_ledger_survives_its_processor(tmp_path: Path) -> None:
    """Killed without warning, the process leaves a file that says what was charged; its clock is in it."""
    path = tmp_path / "ledger.sqlite3"
    command = [sys.executable, "-m", "billing_core.testing.reference_processor", "--ledger", str(path)]
    child = subprocess.Popen([*command, "--now", START], stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        assert 200 == _post(port, CHARGE, "key_1")
        LedgerClock(path, START).set("2025-02-01T00:00+00:00")
        assert 402 == _post(port, {**CHARGE, "card": "tok_lost"}, "key_2")
        assert 200 == _post(port, CHARGE, "key_3")
        child.kill()
    times = [entry.at.isoformat() for entry in read_ledger(path)]
    assert ["2025-01-31T09:00:00+00:00", "2025-02-01T00:00:00+00:00"] == times


def test_a_ledger_clock_stands_still_until_it_is_set(tmp_path: Path) -> None:
    """Every clock over the file tells the same time; a later start changes nothing."""
    first = LedgerClock(tmp_path / "ledger.sqlite3", START)
    first.set("2025-02-01T01:00+01:00")
    second = LedgerClock(tmp_path / "ledger.sqlite3", START)
    assert "2025-02-01T00:00:00+00:00" == second.now().isoformat() == first.now().isoformat()


def test_the_command_line_says_what_differs(tmp_path: Path) -> None:
    """Every option ends in the settings."""
    processor = processor_from(
        ["--ledger", str(tmp_path / "a"), "--key-retention-hours", "1.5", "--look-up-lag-seconds", "60"]
    )
    assert (timedelta(hours=1, minutes=30), timedelta(minutes=1), None) == (
        processor.settings.key_retention,
        processor.settings.look_up_lag,
        processor.settings.duplicate_window,
    )
    processor.close()
    with pytest.raises(SystemExit):
        processor_from(["--port", "0"])


def test_the_command_prints_its_port_and_serves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first line is the port, so that whoever started it can wait for it."""
    served: list[ReferenceProcessor] = []

    def serve(processor: ReferenceProcessor) -> None:
        served.append(processor)

    monkeypatch.setattr(ReferenceProcessor, "serve", serve)
    main(["--ledger", str(tmp_path / "a"), "--duplicate-window-seconds", "30"])
    (processor,) = served
    assert processor.url.endswith(f":{capsys.readouterr().out.strip()}")
    assert timedelta(seconds=30) == processor.settings.duplicate_window
    processor.close()


def test_the_module_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """``python -m`` explains itself."""
    monkeypatch.setattr(sys, "argv", ["reference_processor", "--help"])
    monkeypatch.delitem(sys.modules, "billing_core.testing.reference_processor.__main__")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("billing_core.testing.reference_processor", run_name="__main__")
    assert 0 == ended.value.code


def test_a_caller_that_hangs_up_harms_nobody(tmp_path: Path) -> None:
    """A broken request is its caller's affair; the next one is answered, by the machine's clock."""
    with ReferenceProcessor(tmp_path / "ledger.sqlite3") as processor:
        port = int(processor.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as rude:
            rude.sendall(b"POST /v1/charges HTTP/1.1\r\nContent-Length: many\r\n\r\n")
            assert b"" == rude.recv(100)
        assert 200 == _post(port, CHARGE, "key_1")
        assert 1 == len(processor.desk.ledger())


def _error(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


def _post(port: int, body: dict[str, Any], key: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Authorization": "Bearer sk_test_reference", "Idempotency-Key": key}
    connection.request("POST", "/v1/charges", json.dumps(body), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status
