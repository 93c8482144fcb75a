"""Every operation that local-aws serves was called, with every modelled error."""


def test_nothing_was_left_out(report):
    assert not report.missing(), "\n".join(report.missing())
