"""A button nobody knows any more."""

from tests.scene import Scene


def test_a_button_nobody_knows_is_answered(scene: Scene) -> None:
    person = scene.subscriber()
    scene.come(scene.published(), person)
    keyboard = {"inline_keyboard": [[{"text": "Old", "callback_data": "of another time"}]]}
    body = {"chat_id": person, "text": "An old message", "reply_markup": keyboard}
    scene.control.http.post(f"{scene.control.url}/bot{scene.token}/sendMessage", json=body)
    assert scene.press(person, "Old") == "An old message"
