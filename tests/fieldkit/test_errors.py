import pytest

from fieldkit import errors, texts


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, errors.ProblemError),
        (401, errors.Unauthorized),
        (404, errors.ProblemError),
        (413, errors.TooLarge),
        (426, errors.UpgradeNeeded),
        (429, errors.Busy),
        (500, errors.ProblemError),
        (503, errors.Busy),
        (507, errors.Busy),
    ],
)
def test_each_status_has_its_class(status: int, expected: type) -> None:
    made = errors.problem(status, "code", "title", 7)
    assert type(made) is expected
    assert (made.status, made.code, made.title, made.retry_after) == (status, "code", "title", 7)


def _made() -> list[errors.FieldkitError]:
    plain = [errors.NotEnrolled(), errors.Locked(), errors.NotOurServer(200)]
    with_reason = [errors.Offline, errors.UntrustedServer, errors.BadAnswer, errors.StoreTrouble]
    problems = [errors.problem(status, "c", "t", 1) for status in (400, 401, 413, 426, 429)]
    return [*plain, *(made("why") for made in with_reason), *problems]


@pytest.mark.parametrize("error", _made(), ids=lambda error: type(error).__name__)
def test_every_error_has_a_whole_sentence_in_both_languages(error: errors.FieldkitError) -> None:
    texts.choose("zh")
    chinese = str(error)
    texts.choose("en")
    assert "{" not in chinese + str(error)
    assert chinese != str(error)


def test_an_input_error_says_its_own_key() -> None:
    assert "abc" in str(errors.InputError("unknown_task", task="abc"))
