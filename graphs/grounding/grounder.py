"""What a grounder is; others register theirs under ``oncograph.groundings``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from graphs.producer import Producer

if TYPE_CHECKING:
    from graphs.finding import Finding
    from graphs.grounding.grounding import Grounding, Method
    from graphs.grounding.search import Search


class Grounder(Protocol):
    """One way to find the place of a finding; never writes.

    The entry point names a callable without arguments (a class) that gives one.

    Attributes
    ----------
    name : {'explicit', 'measurement', 'anatomy', 'similarity'}
    trust : int
        The lower, the earlier it is asked: explicit 10, measurement 20, anatomy 30,
        similarity 40.
    producer : Producer
        Its version is raised whenever the same finding and patient may give another answer.
    """

    name: Method
    trust: int
    producer: Producer

    def ground(self, finding: Finding, search: Search) -> Grounding:
        """Look for the place of a finding.

        Parameters
        ----------
        finding : Finding
            With its id. One that is absent has no lesion: only a region that was examined.
        search : Search
            The patient, the images that the report can speak of, the lesions on them, and what
            must not be given as an answer (`Search.allows`).

        Returns
        -------
        Grounding
            'proposed', or 'abstained' with the reason; a tie abstains with its
            `alternatives` and ``detail['tie']`` true, so that nothing of less trust breaks it.
            Evidence is kept in both cases.
        """
        ...
