"""The project's logger: seen at once, one handler, never the root logger, and no message that raises."""

import io
import logging
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lattice.config import LoggingSettings, SimpleProjectConfig
from lattice.errors import ConfigError
from lattice.log import ConsoleHandler, LogFileHandler, configure_logging, hold_records, logger, release_records


def console_handlers() -> list[logging.Handler]:
    return [handler for handler in logger.handlers if isinstance(handler, ConsoleHandler)]


def test_building_a_config_is_enough_to_see_info(capsys):
    SimpleProjectConfig()
    logger.info("training starts")
    logger.debug("too fine")
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert shown.endswith("INFO    training starts\n")


def test_the_test_runner_sees_the_records_too(caplog):
    SimpleProjectConfig()
    logger.info("training starts")
    assert caplog.messages == ["training starts"]


def test_ten_configs_add_one_handler(capsys):
    for _ in range(10):
        SimpleProjectConfig()
    assert len(console_handlers()) == 1
    logger.warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_configs_built_in_many_threads_add_one_handler():
    gate = threading.Barrier(8)

    def build() -> None:
        gate.wait()
        SimpleProjectConfig()

    threads = [threading.Thread(target=build) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(console_handlers()) == 1


def test_the_root_logger_is_left_alone():
    root = logging.getLogger()
    before = (root.level, list(root.handlers), root.disabled)
    SimpleProjectConfig(logging=LoggingSettings(level="DEBUG", debug_mode=True))
    assert (root.level, list(root.handlers), root.disabled) == before


@pytest.mark.parametrize(
    ("level", "debug_mode", "effective"),
    [
        ("INFO", False, logging.INFO),
        ("ERROR", False, logging.ERROR),
        ("ERROR", True, logging.DEBUG),
        ("DEBUG", False, logging.DEBUG),
        ("CRITICAL", True, logging.DEBUG),
    ],
)
def test_debug_mode_goes_before_level(level, debug_mode, effective):
    SimpleProjectConfig(logging=LoggingSettings(level=level, debug_mode=debug_mode))
    assert logger.level == effective


def test_the_last_config_that_speaks_of_the_log_decides():
    SimpleProjectConfig(logging=LoggingSettings(debug_mode=True))
    SimpleProjectConfig(logging=LoggingSettings(level="WARNING"))
    assert logger.level == logging.WARNING


@pytest.mark.parametrize(
    "build",
    [
        SimpleProjectConfig,
        lambda: SimpleProjectConfig.from_preset("experiment"),
        lambda: SimpleProjectConfig().replaced({"lattice.lattice_steps": 3}),
        lambda: SimpleProjectConfig().override(["lattice.lattice_steps=3"]),
    ],
)
def test_a_config_that_does_not_speak_of_the_log_leaves_it_alone(tmp_path, build):
    """A form or a preview builds other configs; the run's log file must stay open."""
    SimpleProjectConfig(logging=LoggingSettings(level="WARNING", log_file=tmp_path / "run.log"))
    build()
    logger.warning("still here")
    assert logger.level == logging.WARNING
    assert "still here" in (tmp_path / "run.log").read_text()


def test_an_edited_config_keeps_its_wishes(tmp_path):
    config = SimpleProjectConfig(logging=LoggingSettings(level="WARNING", log_file=tmp_path / "run.log"))
    SimpleProjectConfig(logging=LoggingSettings())
    edited = config.replaced({"lattice.lattice_steps": 3}).override(["lattice.lattice_steps=4"])
    assert edited.logging == config.logging
    assert logger.level == logging.WARNING


class TestLogFile:
    def test_gets_every_record_once(self, tmp_path):
        path = tmp_path / "new folder" / "run.log"
        for _ in range(3):
            SimpleProjectConfig(logging=LoggingSettings(log_file=path))
        logger.info("caf\u00e9 \u2192 cube")
        assert path.read_text(encoding="utf-8").endswith("INFO    caf\u00e9 \u2192 cube\n")
        assert path.read_text(encoding="utf-8").count("\n") == 1

    def test_is_appended_to(self, tmp_path):
        path = tmp_path / "run.log"
        path.write_text("from yesterday\n")
        configure_logging("INFO", log_file=path)
        logger.info("from today")
        assert path.read_text().startswith("from yesterday\n")
        assert "from today" in path.read_text()

    def test_relative_path_starts_at_the_working_folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        configure_logging("INFO", log_file=Path("logs/../run.log"))
        configure_logging("INFO", log_file=Path("run.log"))
        logger.info("once")
        assert (tmp_path / "run.log").read_text().count("once") == 1

    def test_tilde_is_the_home_folder(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        configure_logging("INFO", log_file=Path("~/run.log"))
        logger.info("at home")
        assert "at home" in (tmp_path / "run.log").read_text()

    def test_a_new_one_replaces_the_old_one(self, tmp_path):
        configure_logging("INFO", log_file=tmp_path / "first.log")
        configure_logging("INFO", log_file=tmp_path / "second.log")
        logger.info("hello")
        assert (tmp_path / "first.log").read_text() == ""
        assert "hello" in (tmp_path / "second.log").read_text()

    def test_none_closes_it(self, tmp_path):
        configure_logging("INFO", log_file=tmp_path / "run.log")
        handler = next(handler for handler in logger.handlers if isinstance(handler, LogFileHandler))
        configure_logging("INFO")
        assert handler.stream is None
        assert handler not in logger.handlers

    def test_a_host_programs_own_file_stays(self, tmp_path):
        own = logging.FileHandler(tmp_path / "host.log")
        logger.addHandler(own)
        configure_logging("INFO", log_file=tmp_path / "run.log")
        configure_logging("INFO")
        assert own in logger.handlers

    def test_that_cant_be_opened_is_a_named_error_and_changes_nothing(self, tmp_path):
        configure_logging("WARNING", log_file=tmp_path / "good.log")
        with pytest.raises(ConfigError, match=r"logging\.log_file: can't open the log file .*: Is a directory; name a"):
            SimpleProjectConfig.from_mapping({"logging": {"log_file": str(tmp_path), "debug_mode": True}})
        assert logger.level == logging.WARNING
        logger.warning("still here")
        assert "still here" in (tmp_path / "good.log").read_text()

    def test_in_a_folder_that_is_a_file(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(ConfigError, match="can't open the log file"):
            configure_logging("INFO", log_file=tmp_path / "file" / "run.log")

    def test_of_a_user_who_does_not_exist(self):
        with pytest.raises(ConfigError, match="can't open the log file ~no-such-user"):
            configure_logging("INFO", log_file=Path("~no-such-user/run.log"))


class TestConsole:
    @staticmethod
    def windows_console(monkeypatch) -> io.TextIOWrapper:
        """Make `sys.stderr` a console with code page 1252; what the handler can't write would be reported there."""
        stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", errors="strict", newline="")
        monkeypatch.setattr(sys, "stderr", stream)
        return stream

    @given(message=st.text(st.characters(codec=None, exclude_categories=()), max_size=30))
    def test_code_page_1252_takes_any_message(self, message):
        SimpleProjectConfig()
        with pytest.MonkeyPatch.context() as monkeypatch:
            console = self.windows_console(monkeypatch)
            logger.info("%s", message)
            written = console.buffer.getvalue()
        assert written.endswith(b"\n")
        assert b"Logging error" not in written

    def test_code_page_1252_keeps_what_it_can_show(self, monkeypatch):
        SimpleProjectConfig()
        console = self.windows_console(monkeypatch)
        logger.info("caf\u00e9 \u2192 \U0001f9ca")
        assert console.buffer.getvalue().endswith("caf\u00e9 \\u2192 \\U0001f9ca\n".encode("cp1252"))

    @pytest.mark.parametrize("stream", [None, "closed"])
    def test_gone_console_is_no_error(self, monkeypatch, stream):
        SimpleProjectConfig()
        if stream == "closed":
            stream = io.StringIO()
            stream.close()
        monkeypatch.setattr(sys, "stderr", stream)
        logger.error("nobody reads this")

    def test_a_console_that_is_replaced_is_followed(self, monkeypatch):
        SimpleProjectConfig()
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        logger.info("to the new one")
        assert "to the new one" in stream.getvalue()

    def test_a_message_with_wrong_arguments_is_reported_not_raised(self, capsys, monkeypatch):
        monkeypatch.setattr(logging, "raiseExceptions", True)
        SimpleProjectConfig()
        with monkeypatch.context() as context:
            context.setattr(logger, "propagate", False)  # the test runner's own handler raises on such a record
            logger.info("%d steps", "three")
        assert "Logging error" in capsys.readouterr().err


def test_what_is_logged_before_the_settings_are_known_is_written_once_they_are(capsys):
    hold_records()
    hold_records()
    logger.info("plugin loaded")
    logger.debug("too fine")
    assert capsys.readouterr().err == ""
    SimpleProjectConfig()
    logger.info("training starts")
    shown = capsys.readouterr().err.splitlines()
    assert [line.partition("INFO    ")[2] for line in shown] == ["plugin loaded", "training starts"]


def test_settings_decide_on_what_was_held(capsys):
    hold_records()
    logger.info("plugin loaded")
    logger.error("plugin left out")
    SimpleProjectConfig(logging=LoggingSettings(level="ERROR"))
    assert capsys.readouterr().err.endswith("ERROR   plugin left out\n")


def test_warnings_are_written_where_the_program_ends_before_its_settings(capsys):
    release_records()
    hold_records()
    logger.info("plugin loaded")
    logger.warning("plugin left out")
    release_records()
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert shown.endswith("WARNING plugin left out\n")
