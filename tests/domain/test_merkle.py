"""The journal's tree against the published vectors of RFC 6962 and against its own definition (RFC 9162 §2.1)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import merkle
from portal.domain.merkle import Frontier

# Google's certificate-transparency, merkletree tests: eight leaves and the root over the first n of them.
LEAVES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"


class Tree:
    """A tree grown leaf by leaf, as the journal grows; counts what a proof looks up."""

    def __init__(self, hashes: list[bytes]) -> None:
        self.frontier, self.lookups = Frontier(), 0
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [self.frontier.root()]
        for each in hashes:
            self.frontier, completed = self.frontier.append(each)
            self.nodes |= {(level, index): found for level, index, found in completed}
            self.roots.append(self.frontier.root())

    def node(self, level: int, index: int) -> bytes:
        self.lookups += 1
        return self.nodes[level, index]


def hashes(size: int) -> list[bytes]:
    return [merkle.leaf_hash(each.to_bytes(4, "big")) for each in range(size)]


VECTORS = Tree([merkle.leaf_hash(each) for each in LEAVES])
MANY = 300
HASHES = hashes(MANY)
GROWN = Tree(HASHES)


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert merkle.root([merkle.leaf_hash(each) for each in LEAVES[:size]]).hex() == ROOTS[size - 1]
    assert VECTORS.roots[size].hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, [A, B, C]),
        (5, 8, [D, E, ROOTS[3]]),
        (2, 3, [ROOTS[1]]),
        (1, 5, [ROOTS[0], B, D]),
    ],
)
def test_inclusion_paths_are_the_published_ones(index: int, size: int, path: list[str]) -> None:
    assert [each.hex() for each in merkle.inclusion_path(index, size, VECTORS.node)] == path


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[3]]), (2, 5, [B, D])],
)
def test_consistency_paths_are_the_published_ones(first: int, second: int, path: list[str]) -> None:
    assert [each.hex() for each in merkle.consistency_path(first, second, VECTORS.node)] == path


@pytest.mark.parametrize("size", range(1, MANY + 1))
def test_every_leaf_of_every_size_is_proven_and_only_there(size: int) -> None:
    root = GROWN.roots[size]
    assert root == merkle.root(HASHES[:size])
    for index in range(size):
        path, leaf = merkle.inclusion_path(index, size, GROWN.node), HASHES[index]
        assert merkle.verify_inclusion(leaf, index, size, path, root)
        assert not merkle.verify_inclusion(HASHES[index - 1], index, size, path, root) or size == 1
        if index % 7 == size % 7:  # the wrong ones cost as much again: a seventh of them, over all sizes each place
            assert not merkle.verify_inclusion(leaf, index + 1, size, path, root)
            assert not merkle.verify_inclusion(leaf, index, size, [*path, leaf], root)
            assert not path or not merkle.verify_inclusion(leaf, index, size, path[:-1], root)


@pytest.mark.parametrize("second", range(1, MANY + 1))
def test_every_size_is_a_prefix_of_every_later_one(second: int) -> None:
    new = GROWN.roots[second]
    for first in range(1, second + 1):
        path, old = merkle.consistency_path(first, second, GROWN.node), GROWN.roots[first]
        assert merkle.verify_consistency(first, second, path, old, new)
        assert not merkle.verify_consistency(first, second, path, GROWN.roots[first - 1], new)
        if first % 7 == second % 7:
            assert not merkle.verify_consistency(first, second, path, merkle.EMPTY, new)
            assert not merkle.verify_consistency(first, second, path, old, merkle.EMPTY)
            assert not merkle.verify_consistency(first, second, [*path, old], old, new)
            assert not path or not merkle.verify_consistency(first, second, path[:-1], old, new)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_large_trees_prove_with_few_lookups(data: st.DataObject) -> None:
    size = data.draw(st.integers(MANY + 1, 5000))
    leaves = hashes(size)
    tree = Tree(leaves)
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    leaf, height = leaves[index], size.bit_length()
    assert merkle.verify_inclusion(leaf, index, size, merkle.inclusion_path(index, size, tree.node), tree.roots[-1])
    assert tree.lookups <= 2 * height
    path = merkle.consistency_path(first, size, tree.node)
    assert merkle.verify_consistency(first, size, path, tree.roots[first], tree.roots[-1])
    assert tree.lookups <= 5 * height


@given(st.integers(1, MANY), st.data())
def test_a_proof_looks_up_the_nodes_that_it_says_and_no_others(size: int, data: st.DataObject) -> None:
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    asked: list[tuple[int, int]] = []

    def node(level: int, at: int) -> bytes:
        asked.append((level, at))
        return GROWN.nodes[level, at]

    merkle.inclusion_path(index, size, node)
    assert asked == merkle.inclusion_nodes(index, size)
    asked.clear()
    merkle.consistency_path(first, size, node)
    assert asked == merkle.consistency_nodes(first, size)


@given(st.integers(2, MANY), st.data())
def test_a_flipped_bit_anywhere_in_a_path_is_noticed(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(index, size, GROWN.node)
    at, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
    path[at] = (int.from_bytes(path[at], "big") ^ 1 << bit).to_bytes(32, "big")
    assert not merkle.verify_inclusion(HASHES[index], index, size, path, GROWN.roots[size])


def test_each_node_is_completed_once_and_nothing_else_is_kept() -> None:
    assert len(GROWN.nodes) == sum(MANY >> level for level in range(MANY.bit_length()))
    assert len(GROWN.frontier.peaks) == MANY.bit_count()


def test_numbers_out_of_range_are_refused() -> None:
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(ValueError):
            merkle.inclusion_path(index, size, GROWN.node)
        with pytest.raises(ValueError):
            merkle.inclusion_nodes(index, size)
        assert not merkle.verify_inclusion(b"", index, size, [], b"")
    for first, second in ((0, 5), (6, 5), (-1, 5)):
        with pytest.raises(ValueError):
            merkle.consistency_path(first, second, GROWN.node)
        with pytest.raises(ValueError):
            merkle.consistency_nodes(first, second)
        assert not merkle.verify_consistency(first, second, [], b"", b"")
    with pytest.raises(ValueError):
        Frontier(3, (b"one peak",))
