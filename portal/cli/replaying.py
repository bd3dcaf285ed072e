"""The part of `portal rules` that needs the database: every recorded score, computed again."""

import asyncio

import click
from tqdm import tqdm

from portal.cli.connect import connected
from portal.services.verification import scores as score_checks

REASONS = {
    "ruleset": "the text of its rule set is not the one it was scored under",
    "score": "another score comes out",
    "signed": "the journal's statement says otherwise",
}


def replay_all() -> int:
    """Tell every recorded score that no longer agrees; how many there are."""
    return asyncio.run(_replay())


async def _replay() -> int:
    scores = decided = wrong = 0
    async with connected():
        with tqdm(total=await score_checks.count(), desc="scores", unit="", disable=None, leave=False) as progress:
            async for each in score_checks.all_scores():
                progress.update()
                scores, decided = scores + 1, decided + each.is_decided
                if each.code is not None:
                    wrong += 1
                    kind = "decided" if each.is_decided else "assessed"
                    click.echo(f"{each.number}: {kind} under {each.ruleset[:16]}: {REASONS[each.code]} [{each.code}]")
    click.echo(f"{scores} scores recomputed, {decided} of them decided on; {wrong} no longer agree")
    return wrong
