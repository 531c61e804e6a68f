"""Settings for a Jupyter server: send small websocket messages at once (TCP_NODELAY), not after some 35 ms.

Optional: everything works without it. `JUPYTER_CONFIG_PATH` naming this folder switches it on; a server that
has no such class simply stays as it is.
"""

try:
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

    class PromptConnection(ZMQChannelsWebsocketConnection):
        """The stock connection between page and kernel, with TCP_NODELAY."""

        def connect(self):
            """Connect, and stop the system from holding small messages back."""
            try:
                self.websocket_handler.set_nodelay(True)
            except Exception as error:
                self.log.debug("TCP_NODELAY could not be set: %s", error)
            return super().connect()

    get_config().ServerApp.kernel_websocket_connection_class = PromptConnection  # noqa: F821
except ImportError:
    pass
