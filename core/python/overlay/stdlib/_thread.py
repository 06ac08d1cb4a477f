# _thread.
from threading import Lock, Lock as LockType, RLock, get_ident, get_native_id, allocate_lock

error = RuntimeError
