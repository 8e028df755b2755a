// nodemailer with its pool: node nodemailer.cjs PARTS PORT MESSAGES CONNECTIONS [KEY]
// Prints seconds and processor seconds of the sending as JSON; with a KEY (PEM) it signs by DKIM.
const fs = require("fs");
const nodemailer = require("nodemailer");

const [parts, port, messages, connections, key] = process.argv.slice(2);
const mail = JSON.parse(fs.readFileSync(parts, "utf8"));
const dkim = key && { domainName: "example.org", keySelector: "s1", privateKey: fs.readFileSync(key, "utf8") };
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port: Number(port), secure: false, ignoreTLS: true,
  pool: true, maxConnections: Number(connections), maxMessages: Infinity, ...(dkim ? { dkim } : {}),
});

function message(number) {
  const id = String(number).padStart(8, "0");
  const link = `https://app.example.org/u/weekly/${id}.c0ffee5ca1ab1e00c0ffee5ca1ab1e00`;
  return {
    from: `The Lowland Weekly <${mail.sender}>`,
    to: `reader${number}@example.org`,
    subject: mail.subject,
    messageId: `<weekly.2026-11-22.${number}@example.org>`,
    text: mail.text.replaceAll(mail.placeholder, link),
    html: mail.html.replaceAll(mail.placeholder, link),
    list: { unsubscribe: link },
  };
}

const began = process.hrtime.bigint();
const worked = process.cpuUsage();
let next = 0, done = 0;

function fill() {
  while (next < Number(messages) && transport.isIdle()) {
    transport.sendMail(message(next++), (error) => {
      if (error) throw error;
      if (++done === Number(messages)) finish();
    });
  }
}

function finish() {
  const { user, system } = process.cpuUsage(worked);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6 }));
  transport.close();
}

transport.on("idle", fill);
fill();
