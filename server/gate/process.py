"""gunicorn's threads behind the gate: connections are taken at once, requests as the gate says.

The loop of the process looks at the first bytes of each request without taking them. Who is let in
goes to the threads as ever; who is not is answered by the loop itself, without a thread or the app.
A page that is told of changes has its thread for the beginning of its answer only (server/live).
It builds on gunicorn/workers/gthread.py of the range in setup.cfg.
"""

import mmap
import selectors
import socket
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from server.gate import book, head
from server.gate.connection import Connection
from server.gate.gate import Gate
from server.gate.outlet import Outlet
from server.gate.refusal import answer
from server.http.headers import known_epoch
from server.live.hub import EXTENSION, Hub
from server.live.streams import Parted, Stream

AT_ONCE = 64
"""Connections taken before those who wait get their turn."""
BEAT_S = 1.0
_LATE = object()


class WebProcess(ThreadWorker):
    """One web process."""

    memory: mmap.mmap | None = None

    @classmethod
    def setup(cls) -> None:
        """Called before the processes are made: what they share."""
        if cls.memory is None:
            cls.memory = mmap.mmap(-1, book.BYTES)

    def init_process(self) -> None:
        self.leaving: deque[Connection] = deque()
        self.vital = ThreadPoolExecutor(1)
        self.told = -BEAT_S
        super().init_process()

    def run(self) -> None:
        self.metrics = self.wsgi.extensions["gewu_metrics"]
        with self.wsgi.app_context():
            known_epoch()
        shared = book.Book(self.memory or bytearray(book.BYTES))
        patience = self.wsgi.config["PATIENCE_S"]
        self.gate = Gate(shared, patience, self.cfg.threads, self.cfg.workers, time.monotonic())
        self.live = Hub(self.wsgi, self.wsgi.config["LIVE_S"], self.wsgi.config["LIVE_STREAMS"])
        self.wsgi.extensions[EXTENSION] = self.live
        self.live.start()
        super().run()
        self.vital.shutdown(wait=False)

    def notify(self) -> None:
        """Tell the parent that we live: once in `BEAT_S`, not at each of a hundred turns."""
        now = time.monotonic()
        if now - self.told >= BEAT_S:
            self.told = now
            super().notify()

    def accept(self, listener: socket.socket) -> None:
        """Take all who knock, and wait for their first bytes without a thread."""
        for _ in range(min(AT_ONCE, self.worker_connections - self.nr_conns)):
            try:
                client, peer = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            self.nr_conns += 1
            self._await(Connection(self.cfg, client, peer, listener.getsockname(), self._linger))

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._judge(conn)

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._judge(conn)

    def enqueue_req(self, conn: Connection) -> None:
        """Give the request to a thread; what tells whether the server lives has one of its own."""
        if not conn.head.is_vital:
            self.gate.came_in()
        conn.came = time.monotonic()
        pool = self.vital if conn.head.is_vital else self.tpool
        future = pool.submit(self.handle, conn)
        future.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def handle(self, conn: Connection) -> Any:
        """In a thread: serve, unless it is too late for that or nobody waits any more."""
        waited = time.monotonic() - conn.came
        if self.gate.is_late(waited) and not conn.head.is_vital:
            return _LATE
        if waited > 1 and conn.has_left():
            return False
        try:
            return super().handle(conn)
        except Parted as parted:
            return parted.stream

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        """In the loop: what a thread is done with."""
        now = time.monotonic()
        if not conn.head.is_vital:
            self.gate.left(now)
        result = None if fs.cancelled() or fs.exception() else fs.result()
        if result is _LATE:
            return self._refuse(conn, self.gate.send_away(conn.head.device, now))
        if isinstance(result, Stream):
            return self.live.join(result, Outlet(conn, result.is_chunked, self._dismiss))
        conn.head = head.UNKNOWN
        return super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Close who never said anything, and who was refused and does not go."""
        super().murder_pending()
        now = time.monotonic()
        while self.leaving and self.leaving[0].timeout <= now:
            conn = self.leaving.popleft()
            self.poller.unregister(conn.sock)
            self._close(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        self.live.stop()
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _await(self, conn: Connection) -> None:
        """Wait for the first bytes of its next request."""
        conn.set_timeout()
        self.pending_conns.append(conn)
        self._watch(conn, self.on_pending_socket_readable)

    def _watch(self, conn: Connection, then: Any) -> None:
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(then, conn))

    def _judge(self, conn: Connection) -> None:
        """A request begins, or the connection is at its end."""
        try:
            first = conn.sock.recv(head.MOST, socket.MSG_PEEK)
        except BlockingIOError:
            return self._await(conn)
        except OSError:
            first = b""
        if not first:
            return self._close(conn)
        conn.head, conn.data_ready = head.read(first), True
        asks = None if conn.head.is_vital else self.gate.ask(conn.head.device, time.monotonic())
        return self.enqueue_req(conn) if asks is None else self._refuse(conn, asks)

    def _refuse(self, conn: Connection, wait: int) -> None:
        """Answer; then take the rest of the request, so that the answer is not lost with it."""
        keep = conn.head.size is not None and wait < self.cfg.keepalive and self.alive
        epoch = self.wsgi.extensions["gewu_epoch"][1]
        self.metrics.turned_away.inc()
        conn.sock.setblocking(False)
        try:
            conn.sock.send(answer(conn.head, epoch, wait, keep))
        except OSError:
            return self._close(conn)
        return self._part_from(conn, conn.head.size, keep)

    def _part_from(self, conn: Connection, unread: int | None, keep: bool = False) -> None:
        """Take so many bytes more, or all until its end; then close it, or `keep` it."""
        conn.leave(unread, keep)
        if conn.has_parted():
            return self._after(conn)
        self.leaving.append(conn)
        return self._watch(conn, self._on_leaving_readable)

    def _on_leaving_readable(self, conn: Connection, client: socket.socket) -> None:
        if conn.has_parted():
            self.poller.unregister(client)
            self.leaving.remove(conn)
            self._after(conn)

    def _after(self, conn: Connection) -> None:
        if conn.keep and conn.unread == 0:
            self._await(conn)
        else:
            self._close(conn)

    def _linger(self, conn: TConn) -> None:
        """gunicorn has answered and closes: wait for the other side's end without holding us up."""
        self.nr_conns += 1
        conn.sock.setblocking(False)
        self._part_from(conn, None)

    def _dismiss(self, conn: Connection, gently: bool) -> None:
        """Called by any thread: let the loop close what was told of changes."""
        self.method_queue.defer(self._leave, conn, gently)

    def _leave(self, conn: Connection, gently: bool) -> None:
        if not gently:
            return self._close(conn)
        self.nr_conns -= 1
        return conn.close(graceful=True)

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()
