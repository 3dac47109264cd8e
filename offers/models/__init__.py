"""Facts about offers: the catalogue, subscriptions, the transactions that move money, and what people were told."""

from offers.models.notice import Notice
from offers.models.sale import Offer, Subscription, Transaction

__all__ = ["Notice", "Offer", "Subscription", "Transaction"]
