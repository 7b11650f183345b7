package dev.harp.cli;

import dev.harp.client.About;
import dev.harp.client.PairingSession;
import dev.harp.client.Platform;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RelayException;
import dev.harp.client.RequestJournal;
import dev.harp.message.Join;
import dev.harp.message.WebAddress;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "pair",
        description =
                "Pairs with a person's phone: shows a QR code, then asks for the six digits that the phone shows.")
final class PairCommand extends BaseCommand {
    /** Characters of the longest envelope of a question. */
    private static final int USUAL_CIPHERTEXT = 65_536;

    private static final String DEFAULT_RELAY = "http://localhost:8787";

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "What to call the pairing.")
    private String name = "";

    @Option(
            names = "--relay",
            paramLabel = "URL",
            description = "The relay; HARP_RELAY, or else " + DEFAULT_RELAY + ", if not given.")
    private Optional<String> relay = Optional.empty();

    @Option(
            names = "--app",
            paramLabel = "URL",
            description =
                    "The approver's app, where the relay does not serve it. Its host could read what is asked: name"
                            + " one that you trust.")
    private Optional<String> app = Optional.empty();

    @Option(
            names = "--registration-key",
            paramLabel = "KEY",
            description = "What the relay's operator asks of whoever pairs; HARP_REGISTRATION_KEY if not given,"
                    + " which is better, as other users of this machine may see options.")
    private Optional<String> registrationKey = Optional.empty();

    @Option(names = "--insecure-http", description = "Accept a relay that is called in the clear, not on this machine.")
    private boolean insecure;

    @Option(
            names = "--without-check",
            description = "Leave the six digits out. Whoever saw or replaced the QR code may then be the one who"
                    + " answers; 'harp list' shows it.")
    private boolean withoutCheck;

    PairCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws RelayException, InterruptedException {
        // Before anything is open, since a damaged file of this name ends it here.
        Optional<PlatformCredentials> old = home().find(Home.checkedName(name));
        PairingSession.Settings settings = settings();
        try (PairingSession session = PairingSession.open(settings, context.environment());
                Interrupts interrupts = Interrupts.during(() -> revoked(session))) {
            show(session, settings);
            return switch (awaitDevice(session)) {
                case PairingSession.Nobody _ -> throw new Failure(ExitCode.EXPIRED, "no phone has joined in time");
                case PairingSession.Stranger(var reason) ->
                    throw new Failure(
                            ExitCode.NOT_GENUINE,
                            "somebody has joined who has not seen the code (" + reason.code()
                                    + "); the pairing is revoked. Pair again; if it happens again, do not trust"
                                    + " the relay.");
                case PairingSession.Joined(Join device) -> finish(session, device, interrupts, old);
            };
        }
    }

    private int revoked(PairingSession session) {
        session.close();
        terminal().say("The pairing is revoked.");
        return ExitCode.ENDED;
    }

    private PairingSession.Settings settings() throws RelayException, InterruptedException {
        String address = trimmed(relay.or(() -> set("HARP_RELAY")).orElse(DEFAULT_RELAY));
        if (WebAddress.parse(address).isEmpty()) {
            throw Failure.usage("--relay: '" + Printable.line(address)
                    + "' is no address of a relay; allowed is such as https://relay.example.org or"
                    + " http://localhost:8787, in lower case, without a default port and without a slash at its end");
        }
        if (!insecure && WebAddress.parse(address).filter(WebAddress::isSecure).isEmpty()) {
            throw Failure.usage(
                    "--relay: " + address + " is called in the clear, and whoever is on the way would get the"
                            + " registration key and the relay's token; --insecure-http accepts that");
        }
        About about = About.of(address, context.environment());
        String publicRelay = about.linkAddress(address);
        String page = app.map(url -> trimmed(url) + "/")
                .or(() -> about.page(address))
                .orElseThrow(() -> Failure.usage("the relay says that phones reach it at " + publicRelay
                        + ", which is another host than " + address + ". The app's page there would get the phone's"
                        + " keys. If you trust that host, name the page: --app " + publicRelay + "/app/"));
        if (WebAddress.parse(trimmed(page)).isEmpty()) {
            throw Failure.usage("--app: '" + Printable.line(page) + "' is no address of a page");
        }
        warn(about, publicRelay);
        Optional<String> key = registrationKey.or(() -> set("HARP_REGISTRATION_KEY"));
        if (key.filter(text -> !PairingSession.Settings.isRegistrationKey(text)).isPresent()) {
            throw Failure.usage("--registration-key, HARP_REGISTRATION_KEY: the key holds a blank, a line break or a"
                    + " character that is not ASCII; allowed is printable ASCII without blanks");
        }
        return new PairingSession.Settings(address, publicRelay, page, key, name, context.host());
    }

    private Optional<String> set(String variable) {
        return Optional.ofNullable(context.variables().get(variable)).filter(value -> !value.isEmpty());
    }

    private void warn(About about, String publicRelay) {
        WebAddress.parse(publicRelay)
                .flatMap(PairCommand::whyNoPhone)
                .ifPresent(why -> terminal()
                        .say("Note: " + publicRelay + " " + why
                                + ". Set the relay's PUBLIC_URL, or give --relay an address"
                                + " that the phone knows."));
        if (!about.servesApp() && app.isEmpty()) {
            terminal().say("Note: this relay serves no app. Join with 'harp device join LINK', or give --app.");
        }
        about.maxCiphertext().stream()
                .filter(most -> most < USUAL_CIPHERTEXT)
                .forEach(most -> terminal()
                        .say("Note: this relay takes questions of about " + most / 4 * 3
                                + " bytes at most, instead of 49,136."));
    }

    private static Optional<String> whyNoPhone(WebAddress relay) {
        if (relay.isLoopback()) {
            return Optional.of("is this machine; no phone reaches it there");
        }
        if (relay.host().equals("0.0.0.0") || relay.host().equals("[::]")) {
            return Optional.of("is no address that anybody can call");
        }
        if (!relay.host().contains(".") && !relay.host().startsWith("[")) {
            return Optional.of("is a name that only this network knows; most phones do not");
        }
        return relay.isSecure() ? Optional.empty() : Optional.of("is called in the clear; phones refuse that");
    }

    private static String trimmed(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private void show(PairingSession session, PairingSession.Settings settings) {
        String link = session.link().format();
        boolean live = terminal().isLive();
        terminal()
                .say((live
                                ? "Scan the code below with the phone, or open this link there."
                                : "Open this link on the phone.")
                        + " It is good for 5 minutes and for one phone. Relay: " + settings.publicRelay());
        terminal().answer(link);
        if (live) {
            // Last, so that a screen of 30 lines still shows all of it.
            new QrCodeText(link).lines(terminal().saysInColour()).forEach(terminal()::say);
        }
    }

    private PairingSession.Arrival awaitDevice(PairingSession session) throws RelayException, InterruptedException {
        try (Countdown _ = new Countdown(terminal(), "Waiting for the phone", session::left)) {
            return session.awaitDevice();
        }
    }

    private int finish(PairingSession session, Join device, Interrupts interrupts, Optional<PlatformCredentials> old)
            throws RelayException, InterruptedException {
        terminal().say("A phone has joined; it calls itself '" + Printable.line(device.name()) + "'.");
        if (withoutCheck) {
            session.skipCheck();
            terminal().say("The digits are left out, as asked.");
        } else {
            checkCode(session);
        }
        terminal().say("Now confirm on the phone.");
        PairingSession.Completion completion;
        try (Countdown _ = new Countdown(terminal(), "Waiting for the phone", session::confirmationLeft)) {
            completion = session.complete();
        }
        return switch (completion) {
            case PairingSession.NotConfirmed _ ->
                throw new Failure(ExitCode.EXPIRED, "the phone did not confirm in time; the pairing is revoked");
            case PairingSession.NotGenuine(var reason) ->
                throw new Failure(
                        ExitCode.NOT_GENUINE,
                        "the confirmation is not the phone's (" + reason.code() + "); the pairing is revoked");
            case PairingSession.Paired(PlatformCredentials credentials) -> {
                CompletableFuture<Integer> saved = new CompletableFuture<>();
                // The phone has the pairing now, so a signal waits until it is here as well.
                interrupts.now(saved::join);
                try {
                    int code = save(credentials, old);
                    saved.complete(code);
                    yield code;
                } finally {
                    saved.complete(ExitCode.FAILED);
                }
            }
        };
    }

    private void checkCode(PairingSession session) throws InterruptedException {
        terminal()
                .say("Type the six digits that your phone shows. If it shows none, somebody else has joined: press"
                        + " Ctrl-C, and pair again.");
        while (true) {
            String digits = switch (terminal().ask("Digits: ", session.confirmationLeft())) {
                case Terminal.Line(String line) -> line;
                case Terminal.End _ -> throw new Failure(ExitCode.FAILED, "no digits; the pairing is revoked");
                case Terminal.Nothing _ ->
                    throw new Failure(ExitCode.EXPIRED, "no digits in time; the pairing is revoked");
            };
            switch (session.check(digits)) {
                case RIGHT -> {
                    return;
                }
                case WRONG -> terminal().say("Those are not the phone's digits. Look again.");
                case REVOKED ->
                    throw new Failure(
                            ExitCode.FAILED,
                            "the digits were wrong three times, or came too late; the pairing is revoked");
            }
        }
    }

    /** The old pairing of the name stays until the new one is saved. */
    private int save(PlatformCredentials credentials, Optional<PlatformCredentials> old) throws InterruptedException {
        try {
            home().save(name, credentials);
        } catch (UncheckedIOException e) {
            // The phone has a pairing that nobody here has.
            String end = revoke(credentials)
                    .map(failure -> "its relay could not be told: " + failure.line())
                    .orElse("it is revoked");
            throw new Failure(
                    ExitCode.FAILED,
                    "the pairing cannot be kept (" + Printable.line(String.valueOf(e.getCause())) + "); " + end);
        }
        terminal().say("Paired as '" + name + "'.");
        if (old.isPresent()) {
            terminal()
                    .say(revoke(old.get())
                            .map(failure -> "The pairing that had this name is deleted here; its relay could not be"
                                    + " told: " + failure.line())
                            .orElse("The pairing that had this name is revoked."));
        }
        return ExitCode.OK;
    }

    /** Revokes at the relay; the failure if it cannot be told. */
    private Optional<RelayException> revoke(PlatformCredentials credentials) throws InterruptedException {
        try (Platform platform = new Platform(credentials, RequestJournal.inMemory(), context.environment())) {
            platform.revoke();
            return Optional.empty();
        } catch (RelayException e) {
            return Optional.of(e);
        }
    }
}
