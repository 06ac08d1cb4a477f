# huggingface_hub: no network, no cache writes. What would fetch says that the file is not there.
import os as _os
from huggingface_hub import constants
from huggingface_hub.errors import (
    LocalEntryNotFoundError as _Lost,
    OfflineModeIsEnabled as _Offline,
)
from huggingface_hub.file_download import (
    _CACHED_NO_EXIST,
    hf_hub_url,
    try_to_load_from_cache,
    cached_assets_path,
)

__version__ = "1.5.0"


def is_offline_mode():
    return constants.HF_HUB_OFFLINE


class ResolvedRevision(str):
    commit_hash = None


def hf_hub_download(
    repo_id, filename=None, *, subfolder=None, repo_type=None, revision=None, cache_dir=None, **kw
):
    name = f"{subfolder}/{filename}" if subfolder else filename
    p = try_to_load_from_cache(
        repo_id, name, cache_dir=cache_dir, revision=revision, repo_type=repo_type
    )
    if isinstance(p, str):
        return p
    raise _Lost("Cannot find the requested files in the local cache: there is no network here.")


def snapshot_download(repo_id, **kw):
    if _os.path.isdir(repo_id):
        return repo_id
    raise _Lost("Cannot find an appropriate cached snapshot folder: there is no network here.")


def _no_network(*args, **kw):
    raise _Offline("there is no network here")


class HfApi:
    def __init__(self, endpoint=None, token=None, **kw):
        self.endpoint, self.token = endpoint or constants.ENDPOINT, token

    def hf_hub_download(self, *args, **kw):
        return hf_hub_download(*args, **kw)

    def snapshot_download(self, *args, **kw):
        return snapshot_download(*args, **kw)

    def resolve_revision(self, repo_id, revision=None, **kw):
        _no_network()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _no_network


class HfFileSystem:
    def __init__(self, *args, **kw):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _no_network


model_info = repo_info = list_repo_files = file_exists = repo_exists = create_repo = delete_repo = (
    upload_folder
) = login = whoami = list_repo_tree = create_commit = scan_cache_dir = create_branch = (
    metadata_update
) = get_hf_file_metadata = get_safetensors_metadata = auth_check = list_models = _no_network


def get_token():
    return _os.environ.get("HF_TOKEN")


class CommitOperationAdd:
    def __init__(self, path_in_repo=None, path_or_fileobj=None):
        self.path_in_repo, self.path_or_fileobj = path_in_repo, path_or_fileobj


class ModelCardData:
    def __init__(self, **kw):
        self.__dict__.update(kw)


class ModelCard:
    def __init__(self, content=""):
        self.content = content

    load = from_template = staticmethod(_no_network)


class PyTorchModelHubMixin:
    pass


class ModelHubMixin:
    pass


def split_torch_state_dict_into_shards(*args, **kw):
    raise NotImplementedError("weights are not available here")


def __getattr__(name):
    """Everything else here talks to the network: classes can be named, calls are refused."""
    if name.startswith("_"):
        raise AttributeError(f"module 'huggingface_hub' has no attribute {name!r}")
    return type(name, (), {"__init__": _no_network}) if name[0].isupper() else _no_network
