package dev.harp.relay.doctor;

import java.util.List;

/** Checks whether the page of the approver's app arrives as the relay sends it. */
record AppCheck(Site site) {
    private static final String POLICY = "Content-Security-Policy";

    /** A directive of the relay's policy, in no policy that a proxy would add. */
    private static final String OWN = "script-src 'self'";

    Finding page() throws Failed {
        RelayAnswer about = site.call(BasicChecks.ABOUT);
        if (about.status() == 404 || !about.is(200).flag("app")) {
            return Finding.skip("the relay serves no app (APP, or built without it)");
        }
        RelayAnswer page = site.call(Site.get("/app/"));
        if (page.status() != 200 || !page.isOf("text/html")) {
            return Finding.fail("/app/ is not the relay's page: proxy_pass has to lead there for all paths");
        }
        List<String> policies = page.http().values(POLICY);
        if (policies.stream().noneMatch(policy -> policy.contains(OWN))) {
            return Finding.fail("the page arrives without its " + POLICY + ": the proxy has to pass it on");
        }
        // Of two policies a browser allows what both allow.
        return policies.size() == 1
                ? Finding.ok("the page arrives with its policy")
                : Finding.fail("the page arrives with a second " + POLICY + ", which may forbid it its own scripts: the"
                        + " proxy must not add one; nginx: add_header as in deploy/nginx");
    }
}
