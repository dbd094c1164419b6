from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.hashing import canonical_json, digest_file, digest_json, digest_tree

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(value=st.dictionaries(st.text(), values, max_size=5))
def test_the_order_of_keys_plays_no_part(value: dict[str, Any]) -> None:
    backwards = dict(reversed(value.items()))
    assert digest_json(backwards) == digest_json(value)


@given(one=values, other=values)
def test_digests_are_equal_where_the_canonical_texts_are(one: Any, other: Any) -> None:
    same = canonical_json(one) == canonical_json(other)
    assert (digest_json(one) == digest_json(other)) == same


def test_the_canonical_text_is_fixed() -> None:
    assert canonical_json({"b": [1, 2.5, None], "a": "é"}) == '{"a":"é","b":[1,2.5,null]}'
    assert canonical_json((1, (2,))) == canonical_json([1, [2]])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_what_is_no_number_has_no_digest(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest_json(value)


def test_known_digests(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest_file(path) == expected
    assert digest_json({}) == hashlib.sha256(b"{}").hexdigest()


def _tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_trees_digest_is_that_of_its_names_and_contents(tmp_path: Path) -> None:
    files = {"a.yaml": "1", "below/b.yaml": "2", "c.txt": "not looked at"}
    tree = _tree(tmp_path / "one", files)
    digest = digest_tree(tree, "*.yaml")

    again = _tree(tmp_path / "elsewhere", dict(reversed(files.items())))
    assert digest_tree(again, "*.yaml") == digest
    others = [
        {"a.yaml": "2", "below/b.yaml": "2"},
        {"a.yaml": "1", "b.yaml": "2"},
        {"a.yaml": "1"},
        {"a.yaml": "2", "below/b.yaml": "1"},
        {},
    ]
    digests = {
        digest_tree(_tree(tmp_path / f"other-{index}", each), "*.yaml")
        for index, each in enumerate(others)
        if each
    }
    assert len(digests | {digest}) == len(others)


def test_folders_with_a_matching_name_are_no_files(tmp_path: Path) -> None:
    digest = digest_tree(_tree(tmp_path, {"a.yaml": "1"}), "*.yaml")
    (tmp_path / "folder.yaml").mkdir()
    assert digest_tree(tmp_path, "*.yaml") == digest
