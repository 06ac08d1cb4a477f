# huggingface_hub.errors.


class HTTPError(Exception):
    pass


class OfflineModeIsEnabled(ConnectionError):
    pass


class CacheNotFound(Exception):
    def __init__(self, msg, cache_dir=None, *args, **kw):
        super().__init__(msg, *args)
        self.cache_dir = cache_dir


class CorruptedCacheException(Exception):
    pass


class LocalTokenNotFoundError(EnvironmentError):
    pass


class HfHubHTTPError(HTTPError, OSError):
    def __init__(self, message, *, response=None, server_message=None):
        super().__init__(message)
        self.response, self.server_message, self.request_id = response, server_message, None
        self.request = getattr(response, "request", None)


class BadRequestError(HfHubHTTPError, ValueError):
    pass


class RepositoryNotFoundError(HfHubHTTPError):
    pass


class GatedRepoError(RepositoryNotFoundError):
    pass


class DisabledRepoError(HfHubHTTPError):
    pass


class RevisionNotFoundError(HfHubHTTPError):
    pass


class RevisionResolutionError(Exception):
    pass


class EntryNotFoundError(Exception):
    pass


class RemoteEntryNotFoundError(HfHubHTTPError, EntryNotFoundError):
    pass


class LocalEntryNotFoundError(FileNotFoundError, EntryNotFoundError):
    def __init__(self, message):
        super().__init__(message)


class FileMetadataError(OSError):
    pass


class HFValidationError(ValueError):
    pass


class SafetensorsParsingError(Exception):
    pass


class NotASafetensorsRepoError(Exception):
    pass


class StrictDataclassError(Exception):
    pass


class StrictDataclassDefinitionError(StrictDataclassError):
    pass


class StrictDataclassFieldValidationError(StrictDataclassError):
    def __init__(self, field, cause):
        super().__init__(
            f"Validation error for field '{field}':\n    {cause.__class__.__name__}: {cause}"
        )


class StrictDataclassClassValidationError(StrictDataclassError):
    def __init__(self, validator, cause):
        super().__init__(
            f"Class validation error for validator '{validator}':\n    {cause.__class__.__name__}: {cause}"
        )
