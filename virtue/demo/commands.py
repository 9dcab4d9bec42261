"""``flask virtue demo`` and ``flask virtue run-demo``: a village at work, for looking around."""

import json
import os
import sys
import time
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

STEPS = {"register": "读入户籍花名册", "history": "写入十二个月的记录"}


@click.command("demo")
@click.option("--json", "as_json", is_flag=True, help="Print sign-ins and cards as JSON on standard output.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(30, 365), help="Length of the history.")
@with_appcontext
def demo(*, as_json: bool, days: int) -> None:
    """Make what is missing of the demo village 富民新村, and print sign-ins and three cards with their PINs."""
    upgrade()
    from virtue.demo import village

    made = village.make(_Progress(), days=days)
    click.echo(json.dumps(made, ensure_ascii=False) if as_json else "\n".join(_words(made)))


@click.command("run-demo")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=lambda: int(os.environ.get("PORT", "8000")), type=int, help="PORT, else 8000.")
@with_appcontext
def run_demo(host: str, port: int) -> None:
    """Make the demo village and serve it; the sign-ins are printed first."""
    upgrade()
    from virtue.demo import village

    made = village.make(_Progress())
    click.echo("\n".join([*_words(made), "", f"打开 http://{host}:{port}/ （按 Ctrl+C 停止）", ""]))
    _serve(host, port)


def _serve(host: str, port: int) -> None:
    """Replace this process by the server: gunicorn's threads, or waitress where there is no gunicorn."""
    sys.stdout.flush()
    environ = {**os.environ, "VIRTUE_DATA_DIR": str(current_app.config["VIRTUE_DATA_DIR"])}
    if sys.platform == "win32":
        words = ["-m", "waitress", f"--listen={host}:{port}", f"--server-name={host}", "--threads=4", "wsgi:app"]
    else:
        words = [
            "-m", "gunicorn", "--bind", f"{host}:{port}", "--workers", "2", "--threads", "2", "--worker-class", "gthread",
            "--log-level", "warning", "wsgi:app",
        ]  # fmt: skip
    os.execve(sys.executable, [sys.executable, *words], environ)  # noqa: S606 - our own server, no shell


def _words(made: dict[str, Any]) -> list[str]:
    lines = ["", f"{made['village']}：演示登录（只能在本机使用）"]
    lines += [f"  {sign['username']:<10} {sign['password']:<16} {sign['name']}" for sign in made["sign_ins"]]
    lines += ["", "三张积分卡："]
    lines += [
        f"  {card['code']}  密码 {card['pin']}  {card['name']}家（户号 {card['household_code']}）"
        f"  家美积分 {card['home']}  文明积分 {card['civility']}"
        for card in made["cards"]
    ]
    return lines


class _Progress:
    """Progress on standard error: a line that is written over on a terminal, now and then a line elsewhere."""

    def __init__(self) -> None:
        self.shown = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        is_last = done == total
        if not is_last and now - self.shown < (0.2 if sys.stderr.isatty() else 5):
            return
        self.shown = now
        end = "\n" if is_last or not sys.stderr.isatty() else ""
        start = "\r" if sys.stderr.isatty() else ""
        click.echo(f"{start}{STEPS[step]} {done}/{total}{end}", err=True, nl=False)


commands = (demo, run_demo)
