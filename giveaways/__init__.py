"""The life of one giveaway: create, publish, finish, complete."""
