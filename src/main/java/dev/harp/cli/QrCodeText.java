package dev.harp.cli;

import io.nayuki.qrcodegen.DataTooLongException;
import io.nayuki.qrcodegen.QrCode;
import java.util.ArrayList;
import java.util.List;

/**
 * A QR code in half blocks, two modules above each other in one character. It is drawn black on white with escape
 * sequences, so that cameras read it on dark and light backgrounds alike; the quiet zone is part of it.
 */
final class QrCodeText {
    /** Modules of the quiet zone on each side; cameras read codes with 2, though the standard says 4. */
    private static final int QUIET = 2;

    private static final String BLACK_ON_WHITE = "\u001b[38;5;16;48;5;231m";
    private static final String RESET = "\u001b[0m";

    private final QrCode code;

    /** @throws DataTooLongException if the text does not fit any code */
    QrCodeText(String text) {
        this.code = QrCode.encodeText(text, QrCode.Ecc.LOW);
    }

    /** Modules on each side, without the quiet zone. */
    int modules() {
        return code.size;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int y = -QUIET; y < code.size + QUIET; y += 2) {
            StringBuilder line = new StringBuilder(BLACK_ON_WHITE);
            for (int x = -QUIET; x < code.size + QUIET; x++) {
                boolean upper = code.getModule(x, y);
                boolean lower = code.getModule(x, y + 1);
                line.append(upper ? lower ? '\u2588' : '\u2580' : lower ? '\u2584' : ' ');
            }
            lines.add(line.append(RESET).toString());
        }
        return lines;
    }
}
