"""One JSON line per program event. Never patient data: a line holds the fixed text of an event and named codes, no argument of a message
and no text of an exception, since either may carry what a person typed.
"""

import json
import logging
import traceback
from datetime import UTC, datetime

ALLOWED = ("request_id", "command_id", "code", "status_code", "method", "stream_count", "duration_ms", "count", "port", "pid")
"""The named values (`extra=`) that may stand in a line."""


class JsonLine(logging.Formatter):
    """Formats a log record as one line: time, level, logger, event, allowed named values, and for an exception its type and where it
    arose."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; message arguments are left out on purpose."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
        }
        line |= {name: value for name in ALLOWED if isinstance(value := getattr(record, name, None), str | int)}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(record.exc_info[2])][-8:]
        return json.dumps(line, ensure_ascii=True)
