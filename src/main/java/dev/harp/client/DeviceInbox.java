package dev.harp.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.DeviceState.Paired;
import dev.harp.client.DeviceStore.Change;
import dev.harp.client.RelayApi.Answer;
import dev.harp.client.RelayException.Kind;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Checked;
import dev.harp.message.Clocks;
import dev.harp.message.DecisionLog;
import dev.harp.message.Reason;
import dev.harp.message.ReceivedQuestion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the list of a device, by polls and as a stream, and opens what is in it. What the platform of a pairing has not
 * written becomes no card, whatever the relay says of it.
 */
final class DeviceInbox {
    /** Three times the relay's interval of signs of life (docs/protocol.md, 15.5). */
    static final Duration SILENCE = Duration.ofSeconds(60);

    /** The most items of one page (docs/protocol.md, 6.1). */
    private static final int MAX_ITEMS = 100;

    /** So that the first pause is about the 2 s that the relay's streams ask for. */
    private static final int FIRST_ATTEMPT = 2;

    private final RelayApi api;
    private final DeviceStore store;

    DeviceInbox(RelayApi api, DeviceStore store) {
        this.api = api;
        this.store = store;
    }

    /** The path of the list. */
    static String path(DeviceState device, Optional<String> after) {
        return "/v1/devices/" + device.deviceId() + "/requests"
                + after.map(cursor -> "?after=" + URLEncoder.encode(cursor, UTF_8))
                        .orElse("");
    }

    Inbox list(DeviceState device, Optional<String> after, Duration wait) throws RelayException, InterruptedException {
        Duration capped = wait.compareTo(RelayApi.LONG_POLL) < 0 ? wait : RelayApi.LONG_POLL;
        long until = api.environment().in(capped.plus(RelayApi.PATIENCE));
        Answer answer =
                api.poll(path(device, after), device.token(), capped, until).expect(200);
        Page found = new Page();
        boolean reset = answer.body()
                .get("reset")
                .filter(new JsonTree.Flag(true)::equals)
                .isPresent();
        if (answer.body().get("requests").orElse(new Items(List.of())) instanceof Items(List<JsonTree> items)) {
            if (items.size() > MAX_ITEMS) {
                throw RelayException.unexpected(
                        "with " + items.size() + " items; a list has " + MAX_ITEMS + " at most");
            }
            items.forEach(found::add);
        }
        return found.inbox(answer.required("cursor"), reset);
    }

    void stream(DeviceState device, Consumer<Inbox> listener) throws RelayException, InterruptedException {
        listener.accept(restart());
        Optional<String> last = Optional.empty();
        for (int failures = 0; ; failures++) {
            Optional<String> before = last;
            Optional<Duration> asked = Optional.empty();
            try {
                HttpResponse<InputStream> response =
                        api.stream("/v1/devices/" + device.deviceId() + "/events", device.token(), last);
                try (InputStream in = response.body()) {
                    switch (response.statusCode()) {
                        case 200 -> last = follow(in, last, listener);
                        case 400 -> {
                            // The relay does not take its own id back; it has been replaced by another one.
                            last = Optional.empty();
                            listener.accept(restart());
                        }
                        case 401 ->
                            throw new RelayException(
                                    Kind.UNAUTHORIZED, "unauthorized", "the relay has forgotten this device");
                        default -> asked = RelayApi.retryAfter(response);
                    }
                }
            } catch (RelayException e) {
                throw e;
            } catch (IOException e) {
                // A broken stream is an ended one.
            }
            if (!last.equals(before)) {
                failures = 0;
            }
            api.environment().sleeper().sleep(asked.orElse(api.pause(FIRST_ATTEMPT + failures)));
        }
    }

    private static Inbox restart() {
        return new Inbox(List.of(), List.of(), List.of(), "", true);
    }

    private Optional<String> follow(InputStream in, Optional<String> before, Consumer<Inbox> listener)
            throws IOException {
        EventReader events = new EventReader(in);
        Thread watch = Thread.ofVirtual().start(() -> closeIfSilent(events, in));
        Optional<String> last = before;
        try {
            for (Optional<EventReader.Event> next = events.next(); next.isPresent(); next = events.next()) {
                EventReader.Event event = next.get();
                boolean reset = event.name().equals("reset");
                Page found = new Page();
                if (event.name().equals("request")) {
                    ExactJson.readAny(event.data().getBytes(UTF_8)).ifPresent(found::add);
                }
                Optional<String> sofar = last;
                last = event.id().or(() -> sofar);
                if (reset || event.name().equals("request")) {
                    listener.accept(found.inbox(last.orElse(""), reset));
                }
            }
        } catch (IOException e) {
            // Broken, or silent: what came before it has come.
        } finally {
            watch.interrupt();
        }
        return last;
    }

    /** Ends a stream whose other end has gone without a word: no line has come for a whole interval. */
    private void closeIfSilent(EventReader events, InputStream in) {
        try {
            for (long before = -1; before != events.lines(); ) {
                before = events.lines();
                api.environment().sleeper().sleep(SILENCE);
            }
            in.close();
        } catch (InterruptedException | IOException e) {
            // The stream has ended by itself.
        }
    }

    /** Reads the entries of one page of the list, or of one event. */
    private final class Page {
        private final Optional<DeviceState> state = store.read();
        private final List<Opened> opened = new ArrayList<>();
        private final List<String> withdrawn = new ArrayList<>();
        private final List<Inbox.Unreadable> unreadable = new ArrayList<>();

        void add(JsonTree tree) {
            if (!(tree instanceof Members item)) {
                return;
            }
            String requestId = item.text("request_id").orElse("");
            if (!RequestIds.isId(requestId)) {
                // Free text of the relay's, which a terminal would show among the platforms' words.
                return;
            }
            if (item.text("state").filter("cancelled"::equals).isPresent()) {
                withdrawn.add(requestId);
                return;
            }
            String pairId = item.text("pair_id").orElse("");
            Optional<Paired> paired = state.flatMap(device -> device.pairing(pairId));
            if (paired.isPresent()) {
                open(paired.get(), requestId, item);
            } else if (state.flatMap(DeviceState::join)
                    .filter(joining -> joining.join().link().pairId().equals(pairId))
                    .isEmpty()) {
                unreadable.add(new Inbox.Unreadable(requestId, Reason.WRONG_PAIRING));
            }
        }

        private void open(Paired paired, String requestId, Members item) {
            Checked<ReceivedQuestion> question = Values.envelope(item)
                    .map(envelope -> paired.pairing().open(requestId, envelope))
                    .orElseGet(() -> new Checked.Refused<>(Reason.ENVELOPE));
            switch (question) {
                case Checked.Ok<ReceivedQuestion>(ReceivedQuestion genuine) ->
                    opened.add(new Opened(paired.pairing().pairId(), genuine));
                case Checked.Refused<ReceivedQuestion>(Reason reason) -> {
                    // The hello of the pairing is no question, and stays in the list until its answer is there.
                    if (!paired.log().entries().containsKey(requestId)) {
                        unreadable.add(new Inbox.Unreadable(requestId, reason));
                    }
                }
            }
        }

        Inbox inbox(String cursor, boolean reset) {
            long now = api.environment().now();
            Optional<DeviceState> after = observed(state, opened, now).equals(state)
                    ? state
                    : store.change(current -> {
                        Optional<DeviceState> next = observed(current, opened, now);
                        return new Change<>(next, next);
                    });
            List<Inbox.Card> cards = new ArrayList<>();
            for (Opened each : opened) {
                after.flatMap(device -> device.pairing(each.pairId()))
                        .ifPresent(paired -> cards.add(card(paired, each.question(), now)));
            }
            return new Inbox(cards, withdrawn, unreadable, cursor, reset);
        }
    }

    /** A question that the platform of a pairing has written. */
    private record Opened(String pairId, ReceivedQuestion question) {}

    /** The state after these questions. Whoever asks has been paired, so the confirmation is not sent again. */
    private static Optional<DeviceState> observed(Optional<DeviceState> state, List<Opened> opened, long now) {
        Optional<DeviceState> next = state;
        for (Opened each : opened) {
            next = next.map(device -> device.pairing(each.pairId())
                    .map(paired -> {
                        DecisionLog log = paired.log().observe(each.question(), now);
                        return log.equals(paired.log()) && paired.confirmed()
                                ? device
                                : device.with(new Paired(paired.pairing(), log, true));
                    })
                    .orElse(device));
        }
        return next;
    }

    private static Inbox.Card card(Paired paired, ReceivedQuestion question, long now) {
        Optional<DecisionLog.Entry> decided =
                Optional.ofNullable(paired.log().entries().get(question.requestId()));
        Optional<Reason> notNow = Clocks.judge(now, question.issuedAt(), question.expiresAt());
        return new Inbox.Card(paired.pairing(), question, notNow, decided);
    }
}
