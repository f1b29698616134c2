"""Stands between the service and its database: replies can be late, or not come at all."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from threading import Event, Thread


class Proxy:
    """Listens on `port` and hands on to another; `delay` in seconds for each piece of a reply. Use it in a `with` block."""

    def __init__(self, target: int):
        self.target, self.delay = target, 0.0
        self._flows = Event()
        self._flows.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Proxy:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thaw()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def freeze(self) -> None:
        """From now on no reply arrives; what is asked still does."""
        self._flows.clear()

    def thaw(self) -> None:
        self._flows.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            near.close()
            return
        Thread(target=self._reply, args=(far, near), daemon=True).start()
        self._hand_on(near, far)

    def _reply(self, far: socket.socket, near: socket.socket) -> None:
        self._hand_on(far, near, late=True)

    def _hand_on(self, source: socket.socket, sink: socket.socket, late: bool = False) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if late:
                    time.sleep(self.delay)
                    self._flows.wait()
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
