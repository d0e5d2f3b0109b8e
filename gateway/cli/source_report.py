"""A source's self-test in lines of words."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.actions.check_source import SourceReport, TestFetch


def lines_of(report: SourceReport) -> Iterator[str]:
    """Safe to print: counts, causes, times."""
    offer = report.offer
    if offer is None:
        yield f"CapabilityStatement: {report.no_offer}"
    else:
        version, software = offer.fhir_version or "version not said", offer.software or "software not said"
        yield f"CapabilityStatement: FHIR {version}, {software}"
        yield f"  fits the dialect {offer.dialect.value if offer.dialect else 'of none that the gateway knows'}"
        for kind, parameters in offer.searches.items():
            yield f"  {kind}: {', '.join(parameters) or 'no search parameters said'}"
        if offer.operations:
            yield f"  operations: {', '.join(offer.operations)}"
    if report.certificate_until:
        yield f"its certificate ends {report.certificate_until[:10]}"
    if report.fetch is not None:
        yield from _fetched(report.fetch)


def _fetched(one: TestFetch) -> Iterator[str]:
    yield f"test list: {one.state.value}, in {one.milliseconds:,} ms"
    for cause in one.causes:
        yield f"  because {cause}"
    unread = sum(one.quarantined.values())
    yield f"  {one.received} received = {one.entries} entries + {one.set_aside} set aside + {unread} not understood"
    for cause, count in one.quarantined.items():
        yield f"    {count} not understood: {cause}"
    yield f"  coded {_share(one.coded, one.entries)}, names understood {_share(one.names_read, one.entries)}"
    yield f"  doses understood {_share(one.doses_read, one.doses_written)} of those written"
    for warning in one.warnings:
        yield f"  {warning}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part * 100 // whole} %)" if whole else "none of 0"
