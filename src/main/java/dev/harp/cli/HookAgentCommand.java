package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.client.Outcome;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Question;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A hook of an agent: one event in, at most one line out. */
abstract class HookAgentCommand extends BaseCommand {
    /** A relay that restarts is back within two seconds, and the agent stands still meanwhile. */
    private static final Duration RELAY = Duration.ofSeconds(5);

    /** The exit code by which agents take a hook for a refusal, whatever the event is. */
    static final int BLOCKS = 2;

    /**
     * What an agent can do.
     *
     * @param name for people
     * @param seconds how long a hook waits if nobody says
     * @param asking the events that ask
     * @param ending the events after which nobody needs an answer any more
     * @param updates whether it takes changed input and kept rules with an approval
     */
    record Agent(String name, int seconds, Set<String> asking, Set<String> ending, boolean updates) {}

    @Mixin
    private HookOptions options = new HookOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Agent agent;
    private Optional<HookEvent> event = Optional.empty();

    HookAgentCommand(Context context, Agent agent) {
        super(context);
        this.agent = agent;
    }

    @Override
    public Integer call() throws InterruptedException {
        int seconds = options.seconds(agent);
        HookEvent read = HookEvent.read(terminal());
        event = Optional.of(read);
        if (agent.asking().contains(read.name())) {
            return ask(read, seconds);
        }
        if (agent.ending().contains(read.name())) {
            return withdraw(read);
        }
        throw Failure.usage("the event '" + Printable.line(read.name()) + "' is none that this hook knows: "
                + String.join(", ", agent.asking().stream().sorted().toList()));
    }

    private int ask(HookEvent event, int seconds) throws InterruptedException {
        Ask ask = question(event, Duration.ofSeconds(seconds - options.ringAfter));
        home().pairing(options.name);
        HookRequests requests = home().hookRequests();
        long now = context.environment().clock().instant().toEpochMilli();
        requests.forgetExpired(now / 1_000);
        HookRequests.Entry entry = requests.open(
                event,
                options.name,
                now,
                now / 1_000 + seconds,
                context.environment().random());
        Asking.End end;
        try {
            try (Interrupts interrupts = Interrupts.during(() -> ended(entry, new Outcome.Withdrawn()))) {
                if (options.ringAfter > 0) {
                    terminal().say("harp: asks in " + options.ringAfter + " s");
                    context.environment().sleeper().sleep(Duration.ofSeconds(options.ringAfter));
                }
                if (!entry.isOpen()) {
                    throw HookRequests.answeredElsewhere();
                }
                Asking asking = new Asking(context, options.name, entry.journal(home().journal(options.name)));
                end = asking.end(ask, interrupts, told -> ended(entry, told.outcome()));
            }
        } finally {
            entry.delete();
        }
        return tell(event, end.outcome());
    }

    private Ask question(HookEvent event, Duration ttl) {
        Ask bare = agent.updates() && event.isQuestion()
                ? HookForm.of(event).ask(event, ttl)
                : HookQuestion.authorize(event, ttl);
        List<Question.Choice> rules =
                agent.updates() && !event.isQuestion() ? new HookRules(event).choices() : List.of();
        String who =
                event.agentType().map(type -> agent.name() + " (" + type + ")").orElse(agent.name());
        Question.Context origin = new Question.Context(
                Optional.of(who), Optional.of(context.host()), event.directory(), Optional.of(event.session()));
        return options.risk
                .applied(bare.with(question -> question.context(origin).choices(rules)))
                .patience(RELAY);
    }

    private int ended(HookRequests.Entry entry, Outcome outcome) {
        entry.delete();
        return event.map(read -> tell(read, outcome)).orElse(ExitCode.OK);
    }

    private int tell(HookEvent event, Outcome outcome) {
        Optional<Members> decision = HookAnswer.of(event, outcome);
        Report.explanation(outcome).ifPresent(line -> terminal().say("harp: " + line));
        if (decision.isEmpty()) {
            return noDecision(Report.word(outcome));
        }
        terminal().answer(HookAnswer.line(decision.get()));
        return ExitCode.OK;
    }

    /** The agent's own prompt stays in charge, or nothing is done if the hook is strict. */
    private int noDecision(String why) {
        if (!isStrict()) {
            return ExitCode.OK;
        }
        if (event.isEmpty()) {
            // In which form the agent would read a denial is not known.
            return BLOCKS;
        }
        if (agent.asking().contains(event.get().name())) {
            terminal()
                    .answer(HookAnswer.line(HookAnswer.deny(
                            event.get(), "Nobody decided (" + why + "), and without a decision this is not allowed.")));
        }
        return ExitCode.OK;
    }

    /** Also if the arguments could not be read to their end. */
    private boolean isStrict() {
        return options.strict
                || spec.commandLine().getParseResult().originalArgs().contains("--strict");
    }

    private int withdraw(HookEvent event) throws InterruptedException {
        Optional<HookRequests.Open> open = home().hookRequests().take(event);
        if (open.isPresent() && open.get().requestId().isPresent()) {
            new Asking(context, open.get().pairing())
                    .withdraw(open.get().requestId().get())
                    .flatMap(Report::explanation)
                    .ifPresent(line -> terminal().say("harp: " + line));
        }
        return ExitCode.OK;
    }

    /** The line that says why is on standard error already. */
    @Override
    int failed(int exitCode) {
        return noDecision("harp failed");
    }
}
