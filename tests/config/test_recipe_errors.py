"""Every way a recipe can be wrong: its code, its place, its value, and all of them at once."""

from pathlib import Path

import pytest

from domain_adapt.base.errors import ConfigError
from domain_adapt.config.load import check_recipe_file, load_recipe


def fail(text: str | bytes, folder: Path, **options: object) -> ConfigError:
    path = folder / "mine.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        load_recipe(str(path), **options)  # type: ignore[arg-type]
    assert caught.value.exit_code == 3
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("extends: finance\ntrain: {epochs: 3\n", "001", ["mine.yaml:3: not valid YAML"]),
        ("a: 1\n--- \nb: 2\n", "001", ["mine.yaml:2", "not valid YAML"]),
        (b"extends: finance\ntitle: \xff\n", "001", ["mine.yaml:2", "not UTF-8"]),
        ("title: \x00", "001", ["mine.yaml:1", "not valid YAML"]),
        ("[" * 3000 + "]" * 3000, "001", ["mine.yaml:1"]),
        ("extends: finance\nseed: 1\nseed: 2\n", "002", ["mine.yaml:3", "'seed'", "line 2"]),
        ("extends: finance\nseed: !!python/name:os.system 1\n", "003", ["mine.yaml:2", "os.sys"]),
        ("extends: finance\nseed: !!int x\n", "003", ["mine.yaml:2", "'x'"]),
        ("extends: finance\ntitle: &a x\ndescription: *a\n", "003", ["mine.yaml:2", "aliases"]),
        ("extends: finance\n1: x\n", "003", ["mine.yaml:2", "'1'", "quotes"]),
        ("extends: finance\n? [a]\n: x\n", "003", ["mine.yaml:2", "a list or mapping"]),
        ("- a\n- b\n", "004", ["mine.yaml:1", '["a", "b"]', "expected a mapping"]),
        ("", "004", ["mine.yaml:1", "null"]),
        (
            "extends: finance\ntrain:\n  lerning_rate: 1e-3\n",
            "010",
            ["mine.yaml:3", "'train.lerning_rate'", "Did you mean 'train.learning_rate'?"],
        ),
        (
            "extends: finance\nlearning_rate: 1e-3\n",
            "010",
            ["mine.yaml:2", "Did you mean 'train.learning_rate'?"],
        ),
        ("extends: finance\nqqq: 1\n", "010", ["mine.yaml:2", "'qqq'", "Known: adapter, "]),
        (
            "extends: finance\ndata:\n  sources:\n  - {path: a, sensitivty: public}\n",
            "012",
            ["mine.yaml:4", "'data.sources.0.sensitivty'", "Did you mean 'sensitivity'?"],
        ),
        (
            "extends: finance\ntrain:\n  epochs: three\n",
            "011",
            ["mine.yaml:3", '"three"', "a number above 0, at most 1000"],
        ),
        ("extends: finance\nseed: 1.5\n", "011", ["mine.yaml:2", "1.5", "a whole number"]),
        ("extends: finance\nseed: true\n", "011", ["mine.yaml:2", "true", "a whole number"]),
        ("extends: finance\nseed: '1'\n", "011", ["mine.yaml:2", '"1"', "a whole number"]),
        ("extends: finance\ntitle: 5\n", "011", ["mine.yaml:2", "5", "expected text"]),
        ("extends: finance\ntitle: ''\n", "011", ["mine.yaml:2", "not empty"]),
        ("extends: finance\ntrain: 5\n", "011", ["mine.yaml:2", "expected a mapping"]),
        (
            "extends: finance\ntrain: {schedule: cosin}\n",
            "011",
            ["mine.yaml:2", '"cosin"', "one of 'cosine', 'linear', 'constant'"],
        ),
        (
            "extends: finance\nadapter: {target_modules: 5}\n",
            "011",
            ["mine.yaml:2", "'auto' or a list"],
        ),
        ("extends: finance\nadapter: {target_modules: []}\n", "011", ["mine.yaml:2", "[]"]),
        ("extends: finance\ntrain: {max_gradient_norm: 1e999}\n", "011", ["mine.yaml:2"]),
        ("extends: finance\ntrain: {epochs: -1}\n", "011", ["-1", "above 0"]),
        (
            "extends: finance\ndata: {builders: {acronym: 3}}\n",
            "011",
            ["mine.yaml:2", '"acronym"', "a key that matches"],
        ),
        ("extends: finance\nmodel: {dtype: null}\n", "011", ["null", "'auto'"]),
        ("extends: 5\n", "011", ["mine.yaml:1", "'extends' is 5"]),
        ("extends: finance\npresets: 5\n", "011", ["mine.yaml:2", "'presets' is 5"]),
        ("extends: finance\npresets: {default: 5}\n", "011", ["mine.yaml:2", "presets.default"]),
        ("pack: finance\n", "012", ["'seed' is missing", "expected a whole number"]),
        (
            "extends: finance\ngates: {p_value: 1e-6}\n",
            "013",
            ["mine.yaml:2", "1e-06", "10000 permutations cannot reach"],
        ),
        ("extends: finanse\n", "016", ["mine.yaml:1", "'finanse'", "Did you mean 'finance'?"]),
        ("extends: mine.yaml\n", "017", ["mine.yaml:1", "mine.yaml → mine.yaml"]),
    ],
)
def test_fault_in_file(text: str | bytes, code: str, words: list[str], tmp_path: Path) -> None:
    error = fail(text, tmp_path)
    assert error.code == f"DA-CONF-{code}"
    for word in words:
        assert word in error.message


@pytest.mark.parametrize(
    ("override", "code", "words"),
    [
        ("train.lerning_rate=1", "010", ["Did you mean 'train.learning_rate'?"]),
        ("train.epochs.more=1", "010", ["'train.epochs.more'"]),
        ("extends=finance", "010", ["'extends'"]),
        ("train.epochs=three", "011", ['"three"', "a number above 0"]),
        ("train.epochs=", "011", ["null"]),
        ("train.epochs", "015", ["'train.epochs'", "expected key=value"]),
        ("=3", "015", ["expected key=value"]),
        ("seed=[", "001", ["'seed'", "not valid YAML"]),
    ],
)
def test_fault_in_override(override: str, code: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_recipe("finance", overrides=[override])
    assert caught.value.code == f"DA-CONF-{code}"
    for word in ["command line", *words]:
        assert word in caught.value.message


def test_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"DA-CONF-014.*'tinny'.*Did you mean 'tiny'"):
        load_recipe("finance", preset="tinny")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = (
        "extends: finance\nseed: x\ntrain:\n  epochs: 0\n  epoch: 1\n  epochs: 2\n"
        "presets: {small: {gates: {enforced: maybe}}}\n"
    )
    error = fail(text, tmp_path, preset="small", overrides=["foo", "train.warmup=2"])
    lines = error.message.splitlines()
    assert lines[0].startswith("7 problems in the recipe")
    for place, word in [
        ("mine.yaml:2", "'seed'"),
        ("mine.yaml:4", "'train.epochs' is 0"),
        ("mine.yaml:5", "'train.epoch'"),
        ("mine.yaml:6", "'epochs' is there twice"),
        ("preset small (mine.yaml:7)", '"maybe"'),
        ("command line", "'foo'"),
        ("command line", "'train.warmup' is 2"),
    ]:
        assert any(line.strip().startswith(place) and word in line for line in lines), word


def test_extends_cycle_over_several_files_is_shown_as_a_path(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("extends: c.yaml\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text("extends: mine.yaml\n", encoding="utf-8")
    error = fail("extends: b.yaml\n", tmp_path)
    assert "mine.yaml → b.yaml → c.yaml → mine.yaml" in error.message
    assert "c.yaml:1" in error.message


def test_check_of_a_file_covers_presets_that_nobody_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    text = "extends: finance\nseed: 0.5\npresets:\n  odd:\n    gates: {enforced: 5}\n"
    path.write_text(text, encoding="utf-8")
    problems = check_recipe_file(path)
    assert [(problem.place, problem.code) for problem in problems] == [
        ("mine.yaml:2", "DA-CONF-011"),
        ("preset odd (mine.yaml:5)", "DA-CONF-011"),
    ]


def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "folder.yaml"
    path.mkdir()
    (tmp_path / "mine.yaml").symlink_to(path)
    assert [problem.code for problem in check_recipe_file(path)] == ["DA-CONF-001"]
