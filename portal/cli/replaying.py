"""The part of `portal rules` that needs the database: every recorded score, computed again."""

import asyncio

import click
from tqdm import tqdm

from portal.cli.connect import connected
from portal.cli.speech import counted, isolated, say
from portal.services.verification import scores as score_checks
from portal.texts import N_
from portal.web.formats import digits

REASONS = {
    "ruleset": N_("the text of its rule set is not the one it was scored under"),
    "score": N_("another score comes out"),
    "signed": N_("the journal's statement says otherwise"),
}


def replay_all() -> int:
    """Tell every recorded score that no longer agrees; how many there are."""
    return asyncio.run(_replay())


async def _replay() -> int:
    scores = decided = wrong = 0
    async with connected():
        with tqdm(total=await score_checks.count(), desc=say("scores"), unit="", disable=None, leave=False) as progress:
            async for each in score_checks.all_scores():
                progress.update()
                scores, decided = scores + 1, decided + each.is_decided
                if each.code is not None:
                    wrong += 1
                    under = isolated(each.ruleset[:16])
                    kind = (
                        say("decided under %(rules)s", rules=under)
                        if each.is_decided
                        else say("assessed under %(rules)s", rules=under)
                    )
                    click.echo(f"{each.number}: {kind}: {say(REASONS[each.code])} [{each.code}]")
    click.echo(
        counted(
            "%(n)s score recomputed, %(decided)s of them decided on; %(wrong)s no longer agree",
            "%(n)s scores recomputed, %(decided)s of them decided on; %(wrong)s no longer agree",
            scores,
            decided=digits(decided),
            wrong=digits(wrong),
        )
    )
    return wrong
