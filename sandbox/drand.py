"""A stand-in for drand's HTTP relays: the sandbox's own chain, and the recorded rounds of quicknet.

The sandbox's chain has a secret that everybody knows (it stands below), so it proves nothing to anybody; it has a
chain hash and a key of its own and can never pass for quicknet. The relay's name says how it behaves:
`/drand/honest/...`, `/drand/lying/...` (another round's signature), `/drand/silent/...` (503).
"""

import hashlib
import time

from aiohttp import web

try:
    import pyblst
except ImportError:  # optional: requirements-drand.txt
    pyblst = None

QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
RECORDED = {
    1000: "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
    657413: "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be"
    "41076862b98fad56e91a6b85b89cd97b",
}
QUICKNET_GENESIS = 1692803367
GENESIS, PERIOD = 1_700_000_000, 3
CHAIN = "5569d58f256b3cea690e06eb75cb99d5a3c09eb502aae481a6f37b3c17db76ce"
PUBLIC_KEY = (
    "8bee196db4ee35e3d584283d7eb086f98308654451f93a4303b5ecfcacaaa9ca15631bc53237fef81fa1762b530aa8d3"
    "01ca111159478e3124503ec6f038ad75b623ae8d0501280023df8ed4e52bda387314c463c22e0b0eb643940e1b9628de"
)
PROMISED = f"drand:{CHAIN}:{GENESIS}:{PERIOD}"
_DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
_KNOWN_TO_ALL = b"telegive sandbox beacon: a secret that everybody knows"
_SECRET = int.from_bytes(hashlib.sha256(_KNOWN_TO_ALL).digest(), "big") % _ORDER


def signature_of(beacon_round: int) -> str:
    """The sandbox chain's signature of a round, hex."""
    message = hashlib.sha256(beacon_round.to_bytes(8, "big")).digest()
    point = pyblst.BlstP1Element.hash_to_group(message, _DOMAIN).scalar_mul(_SECRET)
    return bytes(point.compress()).hex()


async def public_round(request: web.Request) -> web.Response:
    """`{round, randomness, signature}` as the relays answer; 425 before the round is made."""
    relay, chain = request.match_info["relay"], request.match_info["chain"]
    beacon_round = int(request.match_info["round"])
    if relay == "silent":
        return web.json_response({"error": "the relay has no upstream"}, status=503)
    if chain not in (CHAIN, QUICKNET) or not beacon_round:
        return web.json_response({"error": "unknown chain or round"}, status=404)
    genesis = GENESIS if chain == CHAIN else QUICKNET_GENESIS
    if genesis + (beacon_round - 1) * PERIOD > time.time():
        return web.json_response({"error": "the round is not made yet"}, status=425)
    signature = found(chain, beacon_round + (relay == "lying"))
    if not signature:
        return web.json_response({"error": "this round is not recorded"}, status=404)
    randomness = hashlib.sha256(bytes.fromhex(signature)).hexdigest()
    return web.json_response({"round": beacon_round, "randomness": randomness, "signature": signature})


def found(chain: str, beacon_round: int) -> str:
    """The signature, as far as this stand-in knows it."""
    if chain == QUICKNET:
        return RECORDED.get(beacon_round, RECORDED[657413] if beacon_round == 1001 else "")
    return signature_of(beacon_round) if pyblst else ""


ROUTES = [web.get(r"/drand/{relay:[a-z-]+}/{chain:[0-9a-f]{64}}/public/{round:\d{1,12}}", public_round)]
