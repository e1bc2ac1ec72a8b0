"""The bench of likeness counts what is known again and what is taken for it; never how fast."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bench.deployment import DATABASES
from bench.likeness.lookup import mixtures
from bench.likeness.photos import GIVEN, WAYS, Photo, photos
from bench.likeness.recall import album, measured
from fieldkit.simulator.scenes import SCENES
from server.photos.likeness import hashing
from tests.photos.likeness import drawn

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a quick run with a folder of one photo wrote."""
    folder = tmp_path_factory.mktemp("likeness")
    (folder / "photos").mkdir()
    drawn.photo(1).save(folder / "photos" / "one.jpg")
    (folder / "photos" / "none.txt").write_text("no photo")
    command = [
        sys.executable,
        "-m",
        "bench.likeness",
        "--quick",
        "--photos",
        str(folder / "photos"),
    ]
    results = folder / "likeness.json"
    subprocess.run([*command, "--results", str(results)], cwd=ROOT, check=True, capture_output=True)
    written: dict[str, Any] = json.loads(results.read_text())
    return written


def test_every_way_is_measured(found: dict[str, Any]) -> None:
    recall = found["recall"]
    assert recall["ways"].keys() == WAYS.keys()
    assert recall["photos"] + recall["flat"] == 2 * len(SCENES) + 1
    assert recall["given"] == 1
    assert recall["ways"]["as it is"]["recall"] == 1


def test_both_databases_are_asked(found: dict[str, Any]) -> None:
    assert [(one["database"], one["photos"]) for one in found["lookup"]] == [
        (database, level) for database in DATABASES for level in (100, 300)
    ]
    assert all(one["p50_ms"] <= one["p99_ms"] <= one["max_ms"] for one in found["lookup"])


def test_what_is_taken_for_another_is_counted() -> None:
    twins = [Photo("a", drawn.photo(1)), Photo("a", drawn.photo(1)), Photo("b", drawn.photo(2))]
    counted = measured(album([*twins, Photo("b", Image.new("RGB", (9, 9)))]), 6)
    assert (counted["photos"], counted["flat"], counted["pairs"]) == (3, 1, 6)
    assert counted["pairs_of_a_scene"] == 2
    kept = counted["ways"]["as it is"]
    assert (kept["recall"], kept["false"], kept["false_of_scene"]) == (1, 2, 2)


def test_without_a_folder_all_are_drawn() -> None:
    assert {photo.kind for photo in photos(1, None)} == SCENES.keys() - {GIVEN}


def test_mixtures_are_new_sketches() -> None:
    kept = [hashing.of(drawn.photo(number)) for number in range(3)]
    made = list(mixtures(kept, 20, np.random.default_rng(1)))
    assert {len(sketch) for sketch in made} == {hashing.BYTES}
    assert len({*made, *kept}) == 23
