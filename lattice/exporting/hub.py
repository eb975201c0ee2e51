"""Pushing an export to the Hugging Face hub, through its own client and with its own stored token."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lattice.errors import ExportError, one_line
from lattice.exporting.forms import ENDINGS, card_path
from lattice.progress import Progress, no_progress

CARD_NAME = "README.md"
"""What the hub shows of a repository."""


@dataclass(frozen=True)
class Pushed:
    """What was pushed, and where."""

    url: str
    """Page of the repository."""
    private: bool
    files: tuple[str, ...]
    """Their names in the repository."""

    def summary(self) -> str:
        """Return it as a sentence."""
        who = "private: only its owner sees it" if self.private else "public: anyone can see and download it"
        return f"Pushed {', '.join(self.files)} to {self.url} ({who})"


def files_to_push(export: Path) -> dict[str, Path]:
    """Return what goes along with an exported file, by its name on the hub.

    That is the file itself, whatever other form of the same name lies beside it with a card of its own, and the
    file's card as the repository's page. Raises `ExportError` where the file or its card is missing.
    """
    forms = [export, *(export.with_suffix(ending) for ending in ENDINGS if ending != export.suffix.lower())]
    found = {path.name: path for path in forms if path.is_file() and card_path(path).is_file()}
    if export.name not in found:
        raise ExportError(
            f"can't push {export}: export it first, so that it and its card {card_path(export)} are there"
        )
    return {**found, CARD_NAME: card_path(export)}


def check_can_push(repo: str) -> None:
    """Raise `ExportError` where a push is bound to fail; asks nobody, and so may be done before a long export."""
    from huggingface_hub import get_token
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise _bad_name(repo, error) from error
    if get_token() is None:
        raise ExportError("nobody is logged in to the Hugging Face hub: type hf auth login, then push again")


def push_to_hub(export: Path, repo: str, *, public: bool = False, progress: Progress = no_progress) -> Pushed:
    """Upload an exported file with its card to a repository of models, which is made if it is not there.

    Args:
        export: see `files_to_push`.
        repo: `owner/name`, or a name alone for the owner of the token.
        public: whether anyone may see it. A repository that is public already is refused without this.
        progress: told before each part, and so not after the last one; may cancel.

    Raises:
        ExportError: nobody is logged in, the hub refuses or can't be reached; says what to do. The export stays.
        Cancelled: from `progress`; nothing of the commit is there then.
    """
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub import errors as hub_errors
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

    unreachable: type[Exception] = hub_errors.HTTPError  # type: ignore[attr-defined]  # of the client below it

    files = files_to_push(export)
    check_can_push(repo)
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None)
    what = f"Pushing to {repo}"
    try:
        progress(what, 0, 2)
        made = api.create_repo(repo, private=not public, exist_ok=True, repo_type="model")
        private = bool(api.repo_info(made.repo_id).private)
        if not private and not public:
            raise ExportError(
                f"the repository {made.repo_id} is public, so anyone could see {', '.join(files)}: "
                "say that this is wanted, with --public or the box in the window, or choose another name"
            )
        progress(what, 1, 2)
        adds = [CommitOperationAdd(path_in_repo=name, path_or_fileobj=path) for name, path in files.items()]
        api.create_commit(made.repo_id, adds, commit_message=f"Export of {export.stem} from Cellcube")
    except HFValidationError as error:
        raise _bad_name(repo, error) from error
    except HfHubHTTPError as error:
        raise ExportError(_refusal(repo, error.response.status_code, error)) from error
    except ValueError as error:
        raise ExportError(f"{api.endpoint} answers as no Hugging Face hub does: {one_line(error)}") from error
    except RuntimeError as error:  # so its client wraps whatever ended the upload of a large file
        cause = error.__cause__
        if isinstance(cause, HfHubHTTPError):
            raise ExportError(_refusal(repo, cause.response.status_code, cause)) from error
        why = one_line(error) if cause is None else f"{one_line(error)} {one_line(cause)}"
        raise ExportError(f"the upload to {repo} failed: {why}. The export stays in {export}: push it again") from error
    except (unreachable, OfflineModeIsEnabled, OSError) as error:
        raise ExportError(
            f"the Hugging Face hub at {api.endpoint} can't be reached: {one_line(error)}. The export stays in {export}"
            ": push it again when there is a network"
        ) from error
    return Pushed(f"{api.endpoint}/{made.repo_id}", private, tuple(files))


def _bad_name(repo: str, error: Exception) -> ExportError:
    return ExportError(f"'{repo}' can't name a repository, expected owner/name: {one_line(error)}")


def _refusal(repo: str, status: int, error: Exception) -> str:
    words = {
        401: f"the Hugging Face hub does not accept the stored token for {repo}: type hf auth login, with a token that "
        "may write",
        403: f"the stored token may not write to {repo} on the Hugging Face hub: use one that may, or another owner",
        404: f"the Hugging Face hub knows no owner of {repo}, or hides it from the stored token: check the name",
    }
    return words.get(status) or f"the Hugging Face hub refused to take {repo} (status {status}): {one_line(error)}"
