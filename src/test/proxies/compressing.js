// Usage: node compressing.js PORT TARGET. A proxy of Node that compresses what its library thinks worth it.
import http from "node:http";
import compression from "compression";
import httpProxy from "http-proxy";

const [port, target] = process.argv.slice(2);
const proxy = httpProxy.createProxyServer({ target });
const compress = compression({ threshold: 0 });

proxy.on("error", (error, request, response) => {
  if (!response.headersSent) {
    response.writeHead(502, { "Content-Type": "text/plain" });
  }
  response.end(error.message);
});
http
  .createServer((request, response) => compress(request, response, () => proxy.web(request, response)))
  .listen(Number(port), "127.0.0.1");
