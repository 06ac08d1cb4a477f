# asyncio.events.
from asyncio import *
from asyncio import AbstractEventLoop, Event, Lock
