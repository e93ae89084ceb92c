/** What the page says besides figures. */
import type { Measure } from './options.ts'

export const INTRODUCTION = `# Benchmarks

What parley costs and how fast it is, next to others that \`npm run bench\` measures in the same run through the same
pipes. For talk: **bare gossipsub**, js-libp2p with its defaults and nothing on top, the floor of what parley is built
on; and **bare TLS**, one TLS 1.3 socket for each pair and a line of JSON for each message, the floor of any encrypted
chat in Node. Neither keeps a history, repairs a loss or knows who is there. For the log: **bare SQLite**, the same
bytes in one table, and a **bare file**. For the sync: the same bytes over a **bare libp2p stream** and **bare TCP**.
This page is written by the bench; each section says when and of which version it was measured.`

export const READING = `## How to read it

- Everything runs on one machine, as real processes on the loopback: what the network would add is missing, and all
  processes share its cores with the bench, which writes and reads their lines. So the numbers say little about your
  machine and nothing about the internet. The **ratios** do: the systems take turns within each round, and a ratio
  compares the two of one round.
- A ratio is parley's figure divided by the other's. Of deliveries or messages a second more is better, of all else
  less.
- A figure is the median of all rounds, and in brackets the least and the most. Where these are far apart, the median
  is not worth much either.
- All programs are bundled, and V8's compiled code is cached as it is from the second start on.
- A text of talk has 200 characters, one in a log or a sync 66. A *delivery* is one message shown by one process that
  did not write it. *Lost* is what was not shown when nothing had come for 5 seconds.
- The CPU time is that of all processes of the system, helper included, but not the bench's. The bytes are those of
  the loopback with all headers, in a network namespace of its own; without root they are not available.
- In large groups bare gossipsub is given a tenth of the messages of a burst, since all of them would take minutes.`

/** Each begins with its title. */
export const HEADINGS: Readonly<Record<Measure, string>> = {
  start: `## Start

From the start of a process until it is ready and until it is of use, in a room where one other peer talks. The peers
of the baselines are told each other's address; those of parley ask the helper.`,
  latency: `## Latency

One process says 20 messages a second. From before a line is written to the one program until it is read from the
other.`,
  throughput: `## Throughput

One process, or each of them, writes messages as fast as they are taken in. The time ends with the last delivery.`,
  memory: `## At rest

Resident memory of each process of a room of four in which nobody says anything, and what it does all the same.`,
  parts: `## Costs of single steps

Inside one process, for each message or line.`,
  log: `## The log

A log of messages by 20 authors who speak in turn, of made-up words that are as frequent as words are. It is written by
the interface that the room uses, read by fresh processes, and opened by the program itself. Most of the signatures in
it are random bytes, because making true ones takes longer than anything that is measured; nothing here looks at them.
Files *not cached* are read after the kernel was told to forget what it knows of them, which takes root.

The last table is about what it costs that a message is durable before it is sent, and again before it is shown: the
*latency* of above, with all logs on the disk and with all logs in memory, where there is nothing to wait for. What one
wait takes is *one message made durable* in the first table.`,
  sync: `## Sync

A process that has everything, one that lacks some of it, and a helper through which they find each other. The time
runs from when the one is told of the other until it has told, and where it shows messages has shown, all of them.
*Shown to nobody* is \`parley tail --history 0\`, whose output the bench need not read while it measures. The bytes of the
sync itself are counted inside one process, where two rooms have the same exchange; those on the loopback hold all that
was said since the newcomer started.`,
  screen: `## The screen

The full screen in a window of 120 columns and 40 lines, on a terminal that \`script\` lends; its relaying is part of
every figure. A key's time ends when its letter is read from what is drawn, while 10,000 messages are in the window's
reach and another peer writes 50 a second. The table *drawing* is what the screen itself takes of that, from the key or
the message to the bytes for the terminal.`,
}
