# huggingface_hub.utils.
from huggingface_hub.errors import (
    BadRequestError,
    CacheNotFound,
    CorruptedCacheException,
    DisabledRepoError,
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    NotASafetensorsRepoError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    SafetensorsParsingError,
)
from huggingface_hub.utils import logging
from huggingface_hub.utils._httpx import httpx


def build_hf_headers(**kw):
    return {}


def get_session():
    raise OfflineModeIsEnabled("there is no network here")


def hf_raise_for_status(response, endpoint_name=None):
    pass


def get_token():
    import os

    return os.environ.get("HF_TOKEN")


def validate_repo_id(repo_id):
    if not isinstance(repo_id, str):
        raise HFValidationError(f"Repo id must be a string, not {type(repo_id)}: '{repo_id}'.")
    if repo_id.count("/") > 1:
        raise HFValidationError(
            f"Repo id must be in the form 'repo_name' or 'namespace/repo_name': '{repo_id}'. Use `repo_type` argument if needed."
        )


def validate_hf_hub_args(fn):
    return fn


def disable_progress_bars(name=None):
    pass


enable_progress_bars = disable_progress_bars


def are_progress_bars_disabled(name=None):
    return True


def is_google_colab():
    return False


class SoftTemporaryDirectory:
    def __enter__(self):
        raise PermissionError(1, "Operation not permitted")

    def __exit__(self, *exc):
        pass


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(f"module 'huggingface_hub.utils' has no attribute {name!r}")
    import huggingface_hub

    return getattr(huggingface_hub, name)
