// Runs an MCP server by the official client: MCP.JS COMMAND ARGUMENT... Each line of standard input is an order, a JSON
// object, and each line of standard output tells what came of one, with its "order":
//
//   {"order":1,"list":true}                               -> {"order":1,"tools":[...]}
//   {"order":2,"call":"human_wait","arguments":{...}}     -> {"order":2,"progress":{...}}..., {"order":2,"result":{...}}
//   {"order":3,"abort":2}                                 -> {"order":2,"error":"..."}, {"order":3,"aborted":true}
//   {"order":4,"close":true}                              -> {"order":4,"closed":true}, and the end
//
// The first line is {"order":0,"server":{...},"capabilities":{...},"instructions":"..."}. With MCP_CLIENT=next it is the
// client that also speaks revision 2026-07-28, which it asks for first; "era" then tells on what both have agreed.
import { createInterface } from "node:readline";

const next = process.env.MCP_CLIENT === "next";
const { Client } = await import(next ? "@modelcontextprotocol/client" : "@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = await import(
    next ? "@modelcontextprotocol/client/stdio" : "@modelcontextprotocol/sdk/client/stdio.js"
);
const [command, ...args] = process.argv.slice(2);
const transport = new StdioClientTransport({ command, args, env: process.env, stderr: "inherit" });
const client = new Client(
    { name: "typescript-sdk", version: "1" },
    next ? { versionNegotiation: { mode: "auto" } } : {},
);
const running = new Map();

function tell(order, what) {
    process.stdout.write(`${JSON.stringify({ order, ...what })}\n`);
}

async function call(given) {
    const abort = new AbortController();
    running.set(given.order, abort);
    try {
        const options = {
            signal: abort.signal,
            timeout: 120_000,
            onprogress: (progress) => tell(given.order, { progress }),
        };
        const called = { name: given.call, arguments: given.arguments };
        const result = await (next ? client.callTool(called, options) : client.callTool(called, undefined, options));
        tell(given.order, { result });
    } catch (error) {
        tell(given.order, { error: String(error) });
    }
}

async function obey(given) {
    if (given.list) {
        tell(given.order, await client.listTools());
    } else if (given.call) {
        await call(given);
    } else if (given.abort) {
        running.get(given.abort).abort("no longer wanted");
        tell(given.order, { aborted: true });
    } else if (given.close) {
        await client.close();
        tell(given.order, { closed: true });
        process.exit(0);
    }
}

client.onerror = (error) => tell(-1, { error: String(error) });
await client.connect(transport);
tell(0, {
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions(),
    era: client.getProtocolEra?.(),
});
for await (const line of createInterface({ input: process.stdin })) {
    obey(JSON.parse(line)).catch((error) => tell(-1, { error: String(error) }));
}
