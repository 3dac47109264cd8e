"""A day of one subscriber, in order: from register to an active service and out again, looking at every area."""

from dataclasses import dataclass, field
from typing import Any

DAY = "A day of a subscriber"
TOLD = (
    "Run it from the top: a new account is opened and given the sandbox's welcome, buys an offer, follows the order, "
    "looks round and logs out. Everything is asserted, tokens and ids are carried along."
)
NEWCOMER = """
pm.collectionVariables.set("newcomer", "reader-" + pm.variables.replaceIn("{{$guid}}").slice(0, 13));
pm.collectionVariables.set("order_key", pm.variables.replaceIn("{{$guid}}"));
""".strip()
OFFER = "the offer"
ANSWER = "const answer = pm.response.json();"
WHO = {"username": "{{newcomer}}", "password": "correct-horse-7"}
KEY = (("Idempotency-Key", "{{order_key}}"), ("Prefer", "wait=10"))


@dataclass(frozen=True)
class Step:
    """A request and the one answer that is right; `tests` are lines of JavaScript."""

    name: str
    method: str
    path: str
    code: int = 200
    body: dict[str, Any] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    tests: tuple[str, ...] = ()
    before: str = ""
    is_open: bool = field(default=False, kw_only=True)


def that(sentence: str, line: str) -> tuple[str, ...]:
    return (f'pm.test("{sentence}", () => {{ {ANSWER} {line} }});',)


def look(path: str) -> Step:
    """A list that a newcomer may read: empty, and in pages."""
    tests = that("it is a page", 'pm.expect(answer).to.include.keys("count", "results");')
    return Step(f"Look at {path}", "GET", path, tests=tests)


STEPS = (
    Step("Register", "POST", "/api/v1/auth/register", 201, {**WHO, "email": "{{newcomer}}@example.com"}, (),
         that("it names the account", "pm.expect(answer.account_id).to.be.above(0);"), NEWCOMER, is_open=True),
    Step("A wrong password", "POST", "/api/v1/auth/login", 401, {**WHO, "password": "wrong"}, is_open=True),
    Step("Log in", "POST", "/api/v1/auth/login", 200, WHO, (),
         that("tokens are answered", 'pm.expect(answer).to.include.keys("access", "refresh");'), is_open=True),
    Step("Profile", "GET", "/api/v1/auth/profile", tests=that(
        "it is the newcomer", 'pm.expect(answer.username).to.equal(pm.collectionVariables.get("newcomer"));')),
    Step("What there is to spend", "GET", "/api/v1/account/balance", tests=that(
        "the balance is a sum", "pm.expect(answer.balance).to.match(/^\\d+\\.\\d\\d$/);"
        ' pm.collectionVariables.set("money", answer.balance);')),
    Step("What is sold", "GET", "/api/v1/offers/", tests=that(
        "the cheapest is first", "const prices = answer.results.map((offer) => Number(offer.price));"
        " pm.expect(prices).to.eql([...prices].sort((a, b) => a - b));"
        ' pm.collectionVariables.set("price", answer.results[0].price);')),
    Step("One offer", "GET", "/api/v1/offers/{offer_id}", tests=that(
        "it is sold", "pm.expect(answer.is_active).to.be.true;")),
    Step("No offer is called true", "POST", "/api/v1/activation/", 400, {"offer_id": True}),
    Step("Activate", "POST", "/api/v1/activation/", 200, {"offer_id": OFFER}, KEY,
         that("it is on", 'pm.expect(answer.status).to.equal("SUCCESS");'
              ' pm.collectionVariables.set("order", answer.transaction_id);')),
    Step("Activate again with the same key", "POST", "/api/v1/activation/", 200, {"offer_id": OFFER}, KEY, that(
        "it is the same order", 'pm.expect(answer.transaction_id).to.equal(pm.collectionVariables.get("order"));')),
    Step("How far the order is", "GET", "/api/v1/activation/status/{transaction_id}/", tests=that(
        "the service runs", 'pm.expect(answer.subscription.status).to.equal("active");')),
    Step("The order", "GET", "/api/v1/account/transactions/{transaction_id}/", tests=that(
        "nothing came back", "pm.expect(answer.refunded).to.be.false;")),
    Step("All orders", "GET", "/api/v1/account/transactions/", tests=that(
        "there is one", "pm.expect(answer.count).to.equal(1);")),
    Step("Somebody else's order", "GET", "/api/v1/account/transactions/00000000-0000-0000-0000-000000000001/", 404),
    Step("Subscriptions", "GET", "/api/v1/account/subscriptions", tests=that(
        "one runs", 'pm.expect(answer.results.map((row) => row.status)).to.eql(["active"]);')),
    Step("Renew", "POST", "/api/v1/offers/renew/", 409, {"offer_id": OFFER}, (), that(
        "there is no money left", 'pm.expect(answer.code).to.equal("NOT_ENOUGH_MONEY");')),
    Step("What runs out soon", "GET", "/api/v1/offers/expiring/", tests=that(
        "nothing yet", "pm.expect(answer.count).to.equal(0);")),
    Step("Where the money went", "GET", "/api/v1/account/ledger/", tests=that(
        "it was charged once", 'pm.expect(answer.results.map((row) => row.kind)).to.eql(["charge", "top_up"]);'
        " pm.expect(Number(answer.results[0].balance_after)).to.be.closeTo("
        'Number(pm.collectionVariables.get("money")) - Number(pm.collectionVariables.get("price")), 0.001);')),
    *map(look, ("/bots/", "/channels/", "/messages/", "/api/media/", "/api/broadcasts/", "/api/giveaways/templates/")),
    Step("No giveaway runs yet", "GET", "/api/giveaways/active/{account_id}", 404),
    Step("Health", "GET", "/health/live", is_open=True),
    Step("The description", "GET", "/swagger.json", is_open=True),
    Step("Log out", "POST", "/api/v1/auth/logout", 204),
    Step("The token is over", "GET", "/api/v1/auth/profile", 401),
)  # fmt: skip
