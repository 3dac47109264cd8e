"""The Merkle tree over the list: anybody can be shown to stand in it, and nobody who does not."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participants import draw

# The test tree of the Certificate Transparency project, RFC 6962.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
TREES = st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


def lines(size: int) -> list[bytes]:
    return [b"line %d" % number for number in range(size)]


def hashes(size: int) -> list[bytes]:
    return [draw.leaf_hash(line) for line in lines(size)]


def recursive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, word for word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + recursive_root(leaves[:half]) + recursive_root(leaves[half:])).digest()


@pytest.mark.parametrize("size", ROOTS)
def test_the_roots_are_those_of_certificate_transparency(size):
    assert draw.merkle_root(map(draw.leaf_hash, LEAVES[:size])).hex() == ROOTS[size]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert draw.merkle_root([]) == hashlib.sha256(b"").digest()


@given(st.integers(1, 300))
def test_the_streamed_root_is_the_recursive_root(size):
    assert draw.merkle_root(iter(hashes(size))) == recursive_root(lines(size))


@given(TREES)
def test_every_line_proves_that_it_stands_in_the_list(tree):
    size, index = tree
    path = draw.inclusion_proof(iter(hashes(size)), index=index, size=size)
    root = recursive_root(lines(size))
    assert draw.verify_inclusion(b"line %d" % index, path, index=index, size=size, root=root)


@given(TREES, st.data())
def test_a_changed_proof_proves_nothing(tree, data):
    size, index = tree
    path = draw.inclusion_proof(hashes(size), index=index, size=size)
    root = recursive_root(lines(size))
    line = lines(size)[index]
    changed = [[*path, bytes(32)]]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        changed += [path[:-1], [*path[:at], bytes(32), *path[at + 1 :]]]
    for other in changed:
        assert not draw.verify_inclusion(line, other, index=index, size=size, root=root)
    assert not draw.verify_inclusion(line + b"!", path, index=index, size=size, root=root)
    assert not draw.verify_inclusion(line, path, index=size, size=size, root=root)
    assert not draw.verify_inclusion(line, path, index=index, size=size, root=bytes(32))


@given(TREES)
def test_a_line_stands_at_one_place_only(tree):
    size, index = tree
    path = draw.inclusion_proof(hashes(size), index=index, size=size)
    root = draw.merkle_root(hashes(size))
    places = [
        place
        for place in range(size)
        if draw.verify_inclusion(b"line %d" % index, path, index=place, size=size, root=root)
    ]
    assert places == [index]


@given(TREES)
def test_kept_roots_of_blocks_make_the_same_proof(tree):
    size, index = tree
    block = 8
    leaves = hashes(size)
    blocks = [leaves[start : start + block] for start in range(0, size, block)]
    inside = draw.inclusion_proof(
        blocks[index // block], index=index % block, size=len(blocks[index // block])
    )
    outside = draw.inclusion_proof(map(draw.merkle_root, blocks), index=index // block, size=len(blocks))
    assert inside + outside == draw.inclusion_proof(leaves, index=index, size=size)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_for_a_place_outside_the_list(index, size):
    with pytest.raises(draw.NoSuchLeafError):
        draw.inclusion_proof(hashes(size), index=index, size=size)
