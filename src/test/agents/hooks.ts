// Events of Claude Code, and the answers to them, in the types that Anthropic publishes: what is not of these types
// does not compile. Prints each case as a line of JSON, in which the answer is a text.
import type {
  HookInput,
  PermissionRequestHookInput,
  PermissionUpdate,
  PermissionUpdateDestination,
  PostToolUseFailureHookInput,
  PostToolUseHookInput,
  PreToolUseHookInput,
  SyncHookJSONOutput,
} from "@anthropic-ai/claude-agent-sdk";
import type {
  AskUserQuestionInput,
  AskUserQuestionOutput,
  BashInput,
  FileEditInput,
  FileWriteInput,
  WebFetchInput,
} from "@anthropic-ai/claude-agent-sdk/sdk-tools";

declare const console: { log(text: string): void };

/** What the person decides, in harp's words. */
interface Answer {
  readonly decision: "approved" | "denied" | "answered";
  readonly reason?: string;
  /** The id of a rule. */
  readonly choice?: string;
  readonly values?: { readonly [field: string]: string | readonly string[] };
}

interface Case {
  readonly event: HookInput;
  /** More options of the hook. */
  readonly options?: readonly string[];
  readonly person?: Answer;
  /** An event after which nobody waits for the answer. */
  readonly after?: HookInput;
  /** Without one, the hook prints nothing. */
  readonly answer?: SyncHookJSONOutput;
}

const base = {
  session_id: "11f5a4a1-a1d4-4f7a-b9ab-7a22d8e0f9c1",
  transcript_path: "/home/user/.claude/projects/app/11f5.jsonl",
  cwd: "/srv/app",
  permission_mode: "default",
};
const bash: BashInput = {
  command: "npm test -- --grep 'ä \"b\"'\nrm -rf build",
  description: "Run the tests",
  timeout: 5000,
  run_in_background: false,
};
const edit: FileEditInput = { file_path: "/srv/app/a.ts", old_string: "one", new_string: "two", replace_all: false };
const write: FileWriteInput = { file_path: "/srv/app/b.ts", content: "export {};\n" };
const fetching: WebFetchInput = { url: "https://example.com/", prompt: "What is it about?" };

function asks(
  tool_name: string,
  tool_input: object,
  permission_suggestions?: PermissionUpdate[],
): PermissionRequestHookInput {
  return {
    ...base,
    hook_event_name: "PermissionRequest",
    tool_name,
    tool_input,
    ...(permission_suggestions && { permission_suggestions }),
  };
}

const before: PreToolUseHookInput = {
  ...base,
  agent_id: "a1",
  agent_type: "general-purpose",
  hook_event_name: "PreToolUse",
  tool_name: "Bash",
  tool_input: bash,
  tool_use_id: "toolu_01",
};
const used: PostToolUseHookInput = {
  ...base,
  hook_event_name: "PostToolUse",
  tool_name: "Bash",
  tool_input: bash,
  tool_response: { stdout: "" },
  tool_use_id: "toolu_02",
  duration_ms: 12,
};
const failed: PostToolUseFailureHookInput = {
  ...base,
  hook_event_name: "PostToolUseFailure",
  tool_name: "Bash",
  tool_input: bash,
  tool_use_id: "toolu_03",
  error: "exit code 1",
};

const allow: SyncHookJSONOutput = {
  hookSpecificOutput: { hookEventName: "PermissionRequest", decision: { behavior: "allow" } },
};

function deny(message: string): SyncHookJSONOutput {
  return { hookSpecificOutput: { hookEventName: "PermissionRequest", decision: { behavior: "deny", message } } };
}

function always(updatedPermissions: PermissionUpdate[]): SyncHookJSONOutput {
  return {
    hookSpecificOutput: { hookEventName: "PermissionRequest", decision: { behavior: "allow", updatedPermissions } },
  };
}

// A kind or a place that is new in the types makes these two incomplete.
const places: Record<PermissionUpdateDestination, PermissionUpdate> = {
  session: { type: "setMode", mode: "acceptEdits", destination: "session" },
  cliArg: { type: "setMode", mode: "plan", destination: "cliArg" },
  localSettings: { type: "addDirectories", directories: ["/srv/lib"], destination: "localSettings" },
  projectSettings: { type: "removeDirectories", directories: ["/srv/old"], destination: "projectSettings" },
  userSettings: {
    type: "addRules",
    rules: [{ toolName: "Read" }],
    behavior: "deny",
    destination: "userSettings",
  },
};
const kinds: { readonly [Kind in PermissionUpdate["type"]]: PermissionUpdate & { readonly type: Kind } } = {
  addRules: {
    type: "addRules",
    rules: [{ toolName: "Bash", ruleContent: "npm test:*" }],
    behavior: "allow",
    destination: "localSettings",
  },
  replaceRules: {
    type: "replaceRules",
    rules: [{ toolName: "WebFetch", ruleContent: "domain:example.com" }],
    behavior: "ask",
    destination: "session",
  },
  removeRules: {
    type: "removeRules",
    rules: [{ toolName: "Edit" }],
    behavior: "deny",
    destination: "projectSettings",
  },
  setMode: { type: "setMode", mode: "acceptEdits", destination: "session" },
  addDirectories: { type: "addDirectories", directories: ["/srv/lib", "/srv/doc"], destination: "session" },
  removeDirectories: { type: "removeDirectories", directories: ["/srv/lib"], destination: "userSettings" },
};
const everyPlace = Object.values(places);
const everyKind = Object.values(kinds);

const question: AskUserQuestionInput = {
  questions: [
    {
      question: "Which library?",
      header: "Library",
      multiSelect: false,
      options: [
        { label: "Luxon", description: "It is small." },
        { label: "Temporal", description: "It is the standard." },
      ],
    },
    {
      question: "Where does it run?",
      header: "Places",
      multiSelect: true,
      options: [
        { label: "EU", description: "" },
        { label: "US", description: "" },
      ],
    },
  ],
};
const answers: AskUserQuestionOutput["answers"] = {
  "Which library?": "Temporal",
  "Where does it run?": "EU, the moon",
};

const cases: { readonly [title: string]: Case } = {
  "a command is allowed": { event: asks("Bash", bash), person: { decision: "approved" }, answer: allow },
  "a file may be written": { event: asks("Write", write), person: { decision: "approved" }, answer: allow },
  "a page may be fetched": { event: asks("WebFetch", fetching), person: { decision: "approved" }, answer: allow },
  "a change is denied with a reason": {
    event: asks("Edit", edit),
    person: { decision: "denied", reason: 'Not "one".' },
    answer: deny('The person denied this on their device. Their reason: Not "one".'),
  },
  "rules of every kind are kept": {
    event: asks("Bash", bash, everyKind),
    person: { decision: "approved", choice: "all" },
    answer: always(everyKind),
  },
  "rules for every place are kept": {
    event: asks("Bash", bash, everyPlace),
    person: { decision: "approved", choice: "all" },
    answer: always(everyPlace),
  },
  "one rule of several is kept": {
    event: asks("Bash", bash, everyKind),
    person: { decision: "approved", choice: "rule_2" },
    answer: always([kinds.replaceRules]),
  },
  "rules are offered and none is kept": {
    event: asks("Bash", bash, everyKind),
    person: { decision: "approved" },
    answer: allow,
  },
  "questions are answered": {
    event: asks("AskUserQuestion", question),
    person: {
      decision: "answered",
      values: {
        question_1: "Temporal: It is the standard.",
        question_2: ["EU", "Other, in my own words"],
        question_2_own: "the moon",
      },
    },
    answer: {
      hookSpecificOutput: {
        hookEventName: "PermissionRequest",
        decision: { behavior: "allow", updatedInput: { ...question, answers } },
      },
    },
  },
  "before its use a tool is allowed": {
    event: before,
    person: { decision: "approved" },
    answer: {
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "allow",
        permissionDecisionReason: "The person approved this on their device.",
      },
    },
  },
  "before its use a tool is denied": {
    event: before,
    person: { decision: "denied" },
    answer: {
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "deny",
        permissionDecisionReason: "The person denied this on their device.",
      },
    },
  },
  "nobody answers in time": { event: asks("Bash", bash), options: ["--ttl", "3"] },
  "a strict hook can send nothing": {
    event: asks("Bash", bash),
    options: ["--assurance", "elevated", "--strict"],
    answer: deny("Nobody decided (not_sent), and without a decision this is not allowed."),
  },
  "the tool has been used": { event: asks("Bash", bash), after: used },
  "the tool has been used, and has failed": { event: asks("Bash", bash), after: failed },
};

// What the types refuse: with an error less, this file does not compile.
// @ts-expect-error an answer that Claude Code does not know
const unknown: SyncHookJSONOutput = { hookSpecificOutput: { hookEventName: "PermissionRequest", decision: "allow" } };
// @ts-expect-error an event without its tool
const toolless: PermissionRequestHookInput = { ...base, hook_event_name: "PermissionRequest", tool_input: bash };
void [unknown, toolless];

for (const [title, { answer, ...rest }] of Object.entries(cases)) {
  console.log(JSON.stringify({ title, ...rest, ...(answer && { answer: JSON.stringify(answer) }) }));
}
