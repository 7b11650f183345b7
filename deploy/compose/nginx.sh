#!/bin/sh
# Runs nginx with deploy/nginx, for DOMAIN and the relay at RELAY_ADDRESS (several, with spaces between), and reloads it
# when its certificate has changed. certbot.sh, in the container beside this, provides the certificate.
set -eu

tls=/harp/tls
every=${WATCH_SECONDS:-60}

# With several relays, activates the lines for those. They are comments in the shipped file.
several=
case $RELAY_ADDRESS in
    *" "*)
        servers=
        for address in $RELAY_ADDRESS; do
            servers="$servers    server $address:8787 max_fails=0;\\n"
        done
        several="s#^ *server 127\.0\.0\.1:8787;#$servers#
            s/^ *#zone harp_relay_upstream 64k;/    zone harp_relay_upstream 64k;/
            s/^ *#least_conn;/    least_conn;/"
        ;;
esac

# The other changes are paths of this container.
sed -e 's/^user .*/user nginx;/' /harp/nginx/nginx.conf > /run/nginx.conf
sed -e "$several" \
    -e "s#server 127\.0\.0\.1:8787;#server $RELAY_ADDRESS:8787;#" \
    -e "s#/etc/letsencrypt/live/relay\.example\.org/#$tls/#" \
    -e "s#relay\.example\.org#$DOMAIN#" \
    -e 's#/var/log/nginx/harp-relay\.log#/dev/stdout#' \
    /harp/nginx/harp-relay.conf > /etc/nginx/conf.d/harp-relay.conf
[ -e /proc/net/if_inet6 ] || sed -i '/listen \[::\]:/d' /etc/nginx/conf.d/harp-relay.conf

fingerprint() {
    cksum "$tls/fullchain.pem" "$tls/privkey.pem" 2>/dev/null || :
}

until [ -s "$tls/fullchain.pem" ] && [ -s "$tls/privkey.pem" ]; do
    echo "nginx.sh: waiting for a certificate"
    sleep 2
done

# Key and certificate are two files, and may be read when only one is new. Then nginx -t fails, and the next round tries
# again.
watch() {
    served=$1
    while sleep "$every"; do
        now=$(fingerprint)
        if [ "$now" != "$served" ] && nginx -q -t -c /run/nginx.conf && nginx -q -s reload -c /run/nginx.conf; then
            served=$now
            echo "nginx.sh: reloaded with another certificate"
        fi
    done
}

watch "$(fingerprint)" &
exec nginx -c /run/nginx.conf -g 'daemon off;'
