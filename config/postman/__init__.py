"""The Postman collection, made of the Swagger document: every operation by its noun, and a day of one subscriber."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from drf_yasg.codecs import OpenAPICodecJson
from rest_framework.request import Request

from config.postman.day import DAY, OFFER, STEPS, TOLD, Step
from config.schema import INFO, Generator

NAME = "Offers API.postman_collection.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
METHODS = ("get", "post", "put", "patch", "delete")
PARAMETER = re.compile(r"\{(\w+)\}")
OUTAGE = "503"  # Telegram, the partner or a server of ours does not answer: any operation may have to say so
UUIDS = ("transaction_id", "task_id")
# What an answer tells is carried on to the requests after it.
CARRY = """
const told = (() => { try { return pm.response.json(); } catch { return null; } })();
const keep = (name, value) => {
    if (value !== undefined && value !== null) pm.collectionVariables.set(name, String(value));
};
if (told && pm.response.code < 300) {
    keep("access", told.access || told.access_token);
    keep("refresh", told.refresh || told.refresh_token);
    keep("account_id", told.account_id);
    keep("transaction_id", told.transaction_id);
    keep("task_id", told.task_id);
    const path = pm.request.url.getPath();
    const first = Array.isArray(told.results) ? told.results[0] : undefined;
    if (first && path.includes("/offers") && first.price) keep("offer_id", first.id);
    if (first && path.includes("/subscriptions")) keep("subscription_id", first.id);
    if (first && first.transaction_id) keep("transaction_id", first.transaction_id);
    if (first && path.startsWith("/bots")) keep("bot_id", first.id);
    if (first && path.startsWith("/channels")) keep("channel_id", first.channel_id);
    if (told.giveaway) keep("giveaway_id", told.giveaway.id);
}
pm.test("the answer carries a request id", () => pm.response.to.have.header("X-Request-ID"));
pm.test("an error has the one shape", () => {
    if (pm.response.code >= 400) {
        pm.expect(told).to.include.keys("status", "code", "message");
        pm.expect(told.status).to.equal("error");
    }
});
""".strip()
EXPECTED = 'pm.test("{sentence}", () => pm.expect(pm.response.code).to.be.oneOf([{codes}]));'


def document() -> dict[str, Any]:
    """The Swagger document, as `/swagger.json` tells it."""
    asked = HttpRequest()
    asked.method = "GET"
    described = Generator(INFO, url="http://127.0.0.1:8000").get_schema(Request(asked), public=True)
    found: dict[str, Any] = json.loads(OpenAPICodecJson([]).encode(described))
    return found


def rendered() -> str:
    """The file's text: the same for the same document."""
    return json.dumps(collection(document()), indent=2, ensure_ascii=False) + "\n"


def collection(described: dict[str, Any]) -> dict[str, Any]:
    folders: dict[str, list[dict[str, Any]]] = {}
    variables = {"offer_id": "1", "subscription_id": "1"}
    for path, method, operation in operations(described):
        folders.setdefault(operation["tags"][0], []).append(
            described_request(described, path, method, operation)
        )
        variables |= dict.fromkeys(names_in(path), "1")
    variables |= dict.fromkeys(UUIDS, "00000000-0000-0000-0000-000000000001")
    known = {"baseUrl": "http://127.0.0.1:8000", "username": "demo", "password": "demo-password-1"}
    known |= {"access": "", "refresh": "", **dict(sorted(variables.items()))}
    day = {"name": DAY, "description": TOLD, "item": [step_item(step) for step in STEPS]}
    return {
        "info": {"name": "Telegive: Offers API", "description": INFO.description, "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{access}}", "type": "string"}]},
        "variable": [{"key": key, "value": value} for key, value in known.items()],
        "event": [script("test", CARRY)],
        "item": [day, *({"name": name, "item": items} for name, items in sorted(folders.items()))],
    }


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of everything that can be asked."""
    for path, item in described["paths"].items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                yield (
                    path,
                    method,
                    {**item[method], "parameters": shared + item[method].get("parameters", [])},
                )


def described_request(
    described: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> dict[str, Any]:
    """One operation as Postman sends it, with the example of its body and the answers it may get."""
    given = operation["parameters"]
    asked: dict[str, Any] = {
        "method": method.upper(),
        "description": operation.get("description", ""),
        "header": [
            {"key": one["name"], "value": "{{$guid}}", "disabled": True}
            for one in given
            if one["in"] == "header"
        ],
        "url": url(path, [one for one in given if one["in"] == "query"]),
    }
    if operation.get("security") == []:
        asked["auth"] = {"type": "noauth"}
    if any(one["in"] == "body" for one in given):
        asked["body"] = json_body(example_of(described, given))
    elif forms := [one for one in given if one["in"] == "formData"]:
        asked["body"] = {"mode": "formdata", "formdata": [form_field(one) for one in forms]}
    answers = {code for code in operation["responses"] if code.isdecimal()} | {OUTAGE}
    codes = ", ".join(sorted(answers))
    test = EXPECTED.format(sentence="it answers as described", codes=codes)
    return {"name": operation["summary"], "event": [script("test", test)], "request": asked}


def url(path: str, query: list[dict[str, Any]]) -> dict[str, Any]:
    filled = variable_path(path)
    listed = [
        {"key": one["name"], "value": str(one.get("default", "")), "disabled": True}
        | {"description": one.get("description", "")}
        for one in query
    ]
    return {
        "raw": "{{baseUrl}}" + filled,
        "host": ["{{baseUrl}}"],
        "path": filled.removeprefix("/").split("/"),
        "query": listed,
    }


def variable_path(path: str) -> str:
    """/bots/{id}/ -> /bots/{{bot_id}}/"""
    names = iter(names_in(path))
    return PARAMETER.sub(lambda _: "{{" + next(names) + "}}", path)


def names_in(path: str) -> list[str]:
    """The variables of a path; a bare id is named after the noun before it."""
    named = []
    for found in PARAMETER.finditer(path):
        noun = path[: found.start()].strip("/").rpartition("/")[2].replace("-", "_").removesuffix("s")
        named.append(f"{noun}_id" if found[1] in ("id", "pk") else found[1])
    return named


def example_of(described: dict[str, Any], given: list[dict[str, Any]]) -> Any:
    schema = next(one["schema"] for one in given if one["in"] == "body")
    reference = schema.get("$ref", "").rpartition("/")[2]
    return described["definitions"].get(reference, schema).get("example", {})


def json_body(example: Any) -> dict[str, Any]:
    text = json.dumps(example, indent=2, ensure_ascii=False)
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def form_field(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": one["name"],
        "type": "file" if one.get("type") == "file" else "text",
        "disabled": not one.get("required"),
    }


def script(listen: str, text: str) -> dict[str, Any]:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": text.splitlines()}}


def step_item(step: Step) -> dict[str, Any]:
    """One step of the day, which expects one answer."""
    asked: dict[str, Any] = {
        "method": step.method,
        "header": [{"key": name, "value": value} for name, value in step.headers],
        "url": url(step.path, []),
    }
    if step.is_open:
        asked["auth"] = {"type": "noauth"}
    if step.body is not None:
        asked["body"] = json_body(step.body)
        asked["body"]["raw"] = asked["body"]["raw"].replace(f'"{OFFER}"', "{{offer_id}}")  # a number, no text
    test = EXPECTED.format(sentence=f"{step.code} is answered", codes=step.code)
    events = [script("test", "\n".join((test, *step.tests)))]
    if step.before:
        events.append(script("prerequest", step.before))
    return {"name": step.name, "event": events, "request": asked}
