package dev.harp.relay.store;

/** What {@link NaiveRelay} keeps, as texts, numbers and flags. */
final class NaiveRecords {
    private NaiveRecords() {}

    static final class Pairing {
        String id = "";
        String secret = "";
        long expiresAt;
        String state = "pending";
        int wrong;
        long endedAt;
        String device = "";
        String payload = "";
        long pairedAt;
    }

    static final class Device {
        String id = "";
        long createdAt;
        boolean bound;
        long lastRevoked;
    }

    static final class Request {
        Pairing pairing = new Pairing();
        String id = "";
        long idTime;
        String envelope = "";
        long createdAt;
        long expiresAt;
        boolean delivered;
        String end = "";
        long endedAt;
        long fetchedAt = Long.MAX_VALUE;
        String answer = "";
        long change;

        boolean open() {
            return end.isEmpty();
        }

        String state() {
            return open() ? (delivered ? "delivered" : "pending") : end;
        }
    }
}
