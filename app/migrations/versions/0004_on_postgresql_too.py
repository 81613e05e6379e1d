"""PostgreSQL: how letters of either case are told to be the same, as Python tells it."""

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`fold_case` is Python's `str.casefold`, letter by letter, whatever locale or ICU the server was built with."""
    if op.get_bind().dialect.name != "postgresql":  # SQLite's connections bring the function themselves
        return
    folded = {letter: letter.casefold() for letter in _letters() if letter.casefold() != letter}
    singles = {letter: to for letter, to in folded.items() if len(to) == 1}
    others = "$1"
    for letter, to in folded.items():
        if len(to) > 1:
            others = f"replace({others}, '{letter}', '{to}')"
    op.execute(
        text(
            "CREATE FUNCTION fold_case(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $fold$ "
            'SELECT CASE WHEN octet_length($1) = char_length($1) THEN lower($1 COLLATE "C") '
            f"ELSE translate({others}, '{''.join(singles)}', '{''.join(singles.values())}') END $fold$"
        )
    )
    op.create_index("account_folded_name", "account", [text("fold_case(name)")])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("account_folded_name", "account")
        op.execute("DROP FUNCTION fold_case(text)")


def _letters() -> list[str]:
    return [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
