#!/bin/sh
# Gets the certificate for DOMAIN and renews it. nginx cannot start without a certificate, and the authority validates
# through nginx, so the first one is self-signed. nginx uses the files in /harp/tls; it sees neither the account's key
# nor old certificates.
set -eu
umask 077

tls=/harp/tls
webroot=/var/www/html
live=/etc/letsencrypt/live/$DOMAIN
when_it_works=${RENEW_SECONDS:-43200}
# The authority allows five failures an hour for one name. A misconfigured host must stay below that.
when_it_fails=${RETRY_SECONDS:-1800}

trap 'exit 0' TERM INT

rest() {
    sleep "$1" &
    wait $!
}

# $1 the key, $2 the certificate: each is replaced atomically, and nginx.sh handles a pair of which only one is new.
publish() {
    cp "$1" "$tls/.privkey.pem"
    cp "$2" "$tls/.fullchain.pem"
    mv "$tls/.privkey.pem" "$tls/privkey.pem"
    mv "$tls/.fullchain.pem" "$tls/fullchain.pem"
}

if ! [ -s "$tls/fullchain.pem" ] || ! [ -s "$tls/privkey.pem" ]; then
    echo "certbot.sh: a self-signed certificate to begin with"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$DOMAIN" \
        -addext "subjectAltName=DNS:$DOMAIN" -keyout /tmp/privkey.pem -out /tmp/fullchain.pem 2>/dev/null
    publish /tmp/privkey.pem /tmp/fullchain.pem
    rm /tmp/privkey.pem
fi

# nginx's workers read the challenges, and they are not root.
mkdir -p "$webroot/.well-known/acme-challenge"
chmod 755 "$webroot" "$webroot/.well-known" "$webroot/.well-known/acme-challenge"
umask 022
echo ready > "$webroot/.well-known/acme-challenge/ready"
until wget -q -O /dev/null "http://${NGINX_HOST:-nginx}/.well-known/acme-challenge/ready"; do
    echo "certbot.sh: waiting for nginx"
    rest 2
done

while :; do
    # Does nothing while the present certificate is valid for long enough.
    if certbot certonly --non-interactive --agree-tos --email "$EMAIL" --server "$ACME_SERVER" \
        --webroot --webroot-path "$webroot" --cert-name "$DOMAIN" --domain "$DOMAIN" --keep-until-expiring; then
        if ! cmp -s "$live/fullchain.pem" "$tls/fullchain.pem" || ! cmp -s "$live/privkey.pem" "$tls/privkey.pem"; then
            (umask 077 && publish "$live/privkey.pem" "$live/fullchain.pem")
            echo "certbot.sh: a new certificate for nginx"
        fi
        rest "$when_it_works"
    else
        echo "certbot.sh: no certificate. Does $DOMAIN point to this host, and can port 80 be reached from outside?" >&2
        rest "$when_it_fails"
    fi
done
