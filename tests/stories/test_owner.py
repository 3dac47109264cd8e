"""An owner who begins with nothing and ends with a finished giveaway, over HTTP alone."""

from bots.tasks import run_waiting_jobs
from giveaways import tasks
from participants.tasks import draw_waiting
from tests.scene import Control
from tests.stories.rooms import Desk


def test_an_owner_comes_from_nothing_to_a_finished_giveaway(transactional_db: None, control: Control) -> None:
    desk = Desk()
    desk.log_in("marina")
    account = desk.ask("get", "/api/v1/auth/profile")["account_id"]

    token = control.ask("POST", "/bots", username="marinas_bot", first_name="Marina's bot")["token"]
    about = {"title": "Tea", "username": "marinas_tea", "owner_id": control.person("Marina")}
    channel = control.ask("POST", "/channels", **about)["id"]
    bot = desk.ask("post", "/bots/", {"token": token})["data"]["id"]
    control.ask("PUT", f"/channels/{channel}/administrators/{token.split(':')[0]}")
    task = desk.ask("post", "/channels/", {"channel": "@marinas_tea", "bot_id": bot})["task_id"]
    run_waiting_jobs()
    assert desk.ask("get", f"/tasks/{task}")["task_status"] == "SUCCESS"

    fields = {"title": "A pound of tea", "main_body": "Press the button below."}
    giveaway = desk.ask("post", "/api/giveaways/create", fields)["giveaway"]
    path = f"/api/giveaways/{giveaway['id']}"
    assert desk.ask("get", f"{path}/validate") == {"valid": True, "problems": []}
    desk.ask("put", f"{path}/finish-messages", {"winner_message": "The tea is yours!"})
    assert desk.ask("post", f"{path}/publish")["status"] == "publishing"
    tasks.post_waiting()
    assert desk.ask("get", f"/api/giveaways/active/{account}")["giveaway"]["status"] == "active"
    assert "A pound of tea" in control.posts(channel)[-1]["text"]

    assert desk.ask("post", f"{path}/finish") == {"status": "finishing"}
    draw_waiting()
    tasks.conclude_waiting()
    done = desk.ask("post", f"{path}/finish")
    assert (done["status"], done["total_participants"], done["winners_selected"]) == ("finished", 0, 0)
    assert "Participants: 0" in control.posts(channel)[-1]["text"]
    verbs = [entry["verb"] for entry in desk.ask("get", f"{path}/logs")["results"]]
    assert verbs[::-1][:2] == ["create", "update_finish_messages"]
    assert desk.ask("get", f"/api/giveaways/history/{account}")["count"] == 1
