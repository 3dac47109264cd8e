"""The six journeys: the owner from nothing to finished, the participant, the loser, the non-subscriber, the person
who blocked the bot, the winner who does not claim. Each through the doors people use, from beginning to end."""

from tests.stories.town import Town


def test_an_owner_comes_from_nothing_to_a_finished_giveaway(town: Town) -> None:
    marina, ann, bob = town.owner("Marina"), town.person("Ann"), town.person("Bob")
    tea, bot = marina.opens_a_channel("Tea"), marina.makes_a_bot()
    marina.registers()
    marina.connects(bot)
    assert "Now make the bot an administrator" in marina.adds(tea)
    prize = marina.writes(bot, tea, title="A pound of tea")
    assert prize.obstacles == ["CHANNEL_NOT_VERIFIED"]
    marina.makes_it_an_administrator(bot, tea)
    assert marina.adds(tea) == "The channel is added and the bot may post there."
    assert prize.obstacles == []
    prize.says_to_winners("The tea is yours!")
    prize.is_published()
    assert "A pound of tea" in tea.posts[0]

    assert "You are in" in ann.subscribes_to(tea).enters(prize)
    assert "You are in" in bob.subscribes_to(tea).enters(prize)
    assert (prize.status, prize.numbers["total_participants"]) == ("active", 2)

    prize.is_finished()
    assert prize.status == "finished"
    assert tea.posts[0].endswith("🏁 Finished.")
    assert "👥 Participants: 2\n🏆 Winners: 1" in tea.posts[1]
    assert sum("The tea is yours!" in person.last_words(prize) for person in (ann, bob)) == 1
    assert (prize.numbers["messages_delivered"], prize.numbers["messages_failed"]) == (2, 0)
    assert "2 participants" in town.reads(prize.page)
    assert prize.history[:2] == ["create", "update_finish_messages"]
    assert marina.writes(bot, tea, title="Another pound").obstacles == []


def test_a_participant_answers_one_question_is_in_and_finds_the_own_code(town: Town) -> None:
    prize, ann = town.owner("Marina").gives_away("A pound of tea"), town.person("Ann")
    ann.subscribes_to(prize.channel)
    assert "are you human?" in ann.presses("🎯 Participate", prize)
    assert "Attempts left: 2" in ann.says("a lot", prize)
    assert "You are in: A pound of tea." in ann.solves_the_sum(prize)
    assert f"You are already in. Your code: {ann.code(prize)}" in ann.presses("🎯 Participate", prize)
    assert "appear here after the draw" in town.reads(prize.page)

    prize.is_finished()
    assert "you won" in ann.last_words(prize)
    assert "Participants: 1. Winners: 1." in ann.presses("🏆 VIEW RESULTS", prize)
    assert "🏆 It won." in town.reads(prize.page, code=ann.code(prize))


def test_a_loser_is_thanked_once_and_can_look_it_up_again(town: Town) -> None:
    prize = town.owner("Marina").gives_away("A pound of tea", loser_message="Thank you. Next time!")
    people = [town.person("Ann"), town.person("Bob")]
    for person in people:
        person.subscribes_to(prize.channel).enters(prize)

    prize.is_finished()
    town.goes_on()
    [loser] = [person for person in people if "Next time!" in person.last_words(prize)]
    assert sum("Next time!" in said for said in loser.heard(prize)) == 1
    assert "Next time!\n\nParticipants: 2. Winners: 1." in loser.presses("🏆 VIEW RESULTS", prize)
    assert "It was not drawn. In the sealed list" in town.reads(prize.page, code=loser.code(prize))
    assert loser.code(prize) not in town.reads(prize.page)


def test_a_non_subscriber_is_shown_the_way_and_loses_the_place_by_leaving(town: Town) -> None:
    prize = town.owner("Marina").gives_away("A pound of tea", winner_count=2)
    ann, eve = town.person("Ann").subscribes_to(prize.channel), town.person("Eve")
    ann.enters(prize)
    assert "subscribe to: Tea" in eve.enters(prize)
    assert "subscribe to: Tea" in eve.presses_in_the_chat("✅ I have joined", prize)
    assert prize.numbers["total_participants"] == 1
    eve.subscribes_to(prize.channel)
    assert "You are in" in eve.presses_in_the_chat("✅ I have joined", prize)
    eve.leaves(prize.channel)

    prize.is_finished()
    assert "you won" in ann.last_words(prize)
    assert "did not win" in eve.last_words(prize)
    assert "the place went to the next one: not subscribed at the draw" in eve.presses(
        "🏆 VIEW RESULTS", prize
    )
    assert "It was passed over: not subscribed at the draw." in town.reads(prize.page, code=eve.code(prize))
    assert prize.numbers["winners_selected"] == 1


def test_somebody_who_blocked_the_bot_hears_nothing_delays_nobody_and_may_come_back(town: Town) -> None:
    prize = town.owner("Marina").gives_away("A pound of tea", winner_count=2)
    ann, eve = (town.person(name).subscribes_to(prize.channel) for name in ("Ann", "Eve"))
    ann.enters(prize)
    eve.enters(prize)
    eve.blocks(prize.bot)
    heard = eve.heard(prize)

    prize.is_finished()
    assert "you won" in ann.last_words(prize)
    assert eve.heard(prize) == heard
    numbers = prize.numbers
    assert (numbers["messages_delivered"], numbers["messages_unreachable"]) == (1, 1)
    assert (prize.status, numbers["winners_selected"]) == ("finished", 2)

    eve.starts(prize.bot)
    assert "you won" in eve.presses("🏆 VIEW RESULTS", prize)


def test_a_winner_who_does_not_claim_makes_room_for_the_next(town: Town) -> None:
    prize = town.owner("Marina").gives_away("A pound of tea", claim_hours=24)
    people = [town.person("Ann"), town.person("Bob")]
    for person in people:
        person.subscribes_to(prize.channel).enters(prize)

    prize.is_finished()
    [silent] = [person for person in people if "Claim your prize within 24 h" in person.last_words(prize)]
    [patient] = [person for person in people if person is not silent]
    with town.after(hours=25):
        town.goes_on()
        assert "Claim your prize within 24 h" in patient.last_words(prize)
        assert "the prize is yours" in patient.presses_in_the_chat("🎁 Claim", prize)
        assert "gone to the next one" in silent.presses_in_the_chat("🎁 Claim", prize)
    with town.after(hours=60):
        town.goes_on()
    assert "Winners replaced since, each with its reason: 1" in prize.channel.posts[-1]
    assert "🏆 It won." in town.reads(prize.page, code=patient.code(prize))
    assert "It was passed over: not claimed in time." in town.reads(prize.page, code=silent.code(prize))
    assert (prize.numbers["winners_claimed"], prize.numbers["winners_replaced"]) == (1, 1)
