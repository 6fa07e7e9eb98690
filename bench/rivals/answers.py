"""What the Python rivals share where predicates are answered: the clock and the report line."""

from report import arguments, clock, report


def drive(batches, *, rows, checksum):
    """Answers the questions one by one. `batches` is called inside the clock, as in report.py."""
    options = arguments()
    answers = []
    for question in options["questions"]:
        started = clock()
        count, total = 0, 0
        for batch in batches(question):
            count += rows(batch)
            if options["check"]:
                total += checksum(batch, **question["checksum"])
        answers.append({"rows": count, "sum": total, "seconds": clock() - started})
    report(
        rows=sum(answer["rows"] for answer in answers),
        seconds=sum(answer["seconds"] for answer in answers),
        answers=answers,
    )
