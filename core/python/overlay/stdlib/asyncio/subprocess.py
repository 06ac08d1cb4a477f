# asyncio.subprocess.
from asyncio import *
from asyncio import AbstractEventLoop, Event, Lock
